"""The gate on a farm: an inventory with boot paths, a question at the farm's time, its answer."""
import os

import yaml

from .farm import rfc3339


class Gates:
    """Questions about a farm by an inventory of its own; every answer is checked and printed."""

    def __init__(self, farm, paths, change=None):
        """paths: boot paths as the inventory has them; change(hosts): may add and alter hosts, by name."""
        self.farm = farm
        self.inventory = os.path.join(farm.folder, "paths.yaml")
        with open(farm.inventory, encoding="utf-8") as file:
            inventory = yaml.safe_load(file)
        groups = inventory["all"]["children"]
        hosts = {name: (group, keys) for group in groups.values() for name, keys in group["hosts"].items()}
        if change is not None:
            change(groups, hosts)
        with open(self.inventory, "w", encoding="utf-8") as file:
            yaml.safe_dump({"pvsaudit_boot_paths": paths, **inventory}, file, sort_keys=False)
        farm.site.inventory = self.inventory
        with open(farm.site.settings, "r+", encoding="utf-8") as file:
            if "retry_after" not in file.read():
                file.write("retry_after: 0s\n")

    def ask(self, command, *words, minutes=1, **options):
        """The command a little later by the farm's clock."""
        self.farm.pass_time(minutes=minutes)
        return self.farm.ask(command, "-i", self.inventory, "--as-of", rfc3339(self.farm.now), *words, **options)

    def gate(self, *words, minutes=1):
        return self.ask("gate", *words, "--json", minutes=minutes)
