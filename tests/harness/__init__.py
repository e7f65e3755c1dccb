"""What integration tests and shows share: the programs, a farm, real sshd servers."""
