/* text: what Windows says in each language. Wordings without a recording are ours; the layout is
 * not. */
#include "farm/server/text.h"

#include "core/str.h"

#include <stdio.h>
#include <string.h>

static const char *const texts[TEXT_COUNT][3] = {
    [TEXT_VERSION] = {"Version", "Version", "Version"},
    [TEXT_UNKNOWN_COMMAND] =
        {"'%s' is not recognized as an internal or external command,\r\n"
         "operable program or batch file.\r\n",
         "Der Befehl \"%s\" ist entweder falsch geschrieben oder\r\n"
         "konnte nicht gefunden werden.\r\n",
         "'%s' は、内部コマンドまたは外部コマンド、\r\n"
         "操作可能なプログラムまたはバッチ ファイルとして認識されていません。\r\n"},
    [TEXT_UNEXPECTED] = {"%s was unexpected at this time.\r\n",
                         "\"%s\" kann syntaktisch an dieser Stelle nicht verarbeitet werden.\r\n",
                         "%s の使い方が誤っています。\r\n"},
    [TEXT_SYNTAX] = {"The syntax of the command is incorrect.\r\n", "Syntaxfehler.\r\n",
                     "コマンドの構文が誤っています。\r\n"},
    [TEXT_LINE_TOO_LONG] = {"The command line is too long.\r\n",
                            "Die Befehlszeile ist zu lang.\r\n",
                            "コマンド ラインが長すぎます。\r\n"},
    [TEXT_PATH_NOT_FOUND] = {"The system cannot find the path specified.\r\n",
                             "Das System kann den angegebenen Pfad nicht finden.\r\n",
                             "指定されたパスが見つかりません。\r\n"},
    [TEXT_CODE_PAGE] = {"Active code page: %s\r\n", "Aktive Codepage: %s.\r\n",
                        "現在のコード ページ: %s\r\n"},
    [TEXT_BAD_CODE_PAGE] = {"Invalid code page\r\n", "Ungültige Codepage\r\n",
                            "無効なコード ページ\r\n"},
    [TEXT_NETSTAT_TITLE] = {"Active Connections", "Aktive Verbindungen", "アクティブな接続"},
    [TEXT_NETSTAT_HEADER] =
        {"  Proto  Local Address          Foreign Address        State",
         "  Proto  Lokale Adresse         Remoteadresse          Status",
         "  プロトコル  ローカル アドレス          外部アドレス           状態"},
    [TEXT_LISTENING] = {"LISTENING", "ABHÖREN", "LISTENING"},
    [TEXT_ESTABLISHED] = {"ESTABLISHED", "HERGESTELLT", "ESTABLISHED"},
    [TEXT_CLOSE_WAIT] = {"CLOSE_WAIT", "SCHLIESSEN_WARTEN", "CLOSE_WAIT"},
    [TEXT_TIME_WAIT] = {"TIME_WAIT", "WARTEND", "TIME_WAIT"},
    [TEXT_SC_NO_SERVICE] = {"The specified service does not exist as an installed service.",
                            "Der angegebene Dienst ist kein installierter Dienst.",
                            "指定されたサービスはインストールされたサービスとして存在しません。"},
    [TEXT_SC_DENIED] = {"Access is denied.", "Zugriff verweigert", "アクセスが拒否されました。"},
    [TEXT_SC_NAME] = {"SERVICE_NAME", "DIENSTNAME", "サービス名"},
    [TEXT_SC_TYPE] = {"TYPE", "TYP", "種類"},
    [TEXT_SC_STATE] = {"STATE", "STATUS", "状態"},
    [TEXT_SC_WIN32_EXIT] = {"WIN32_EXIT_CODE", "WIN32_EXITCODE", "WIN32_終了コード"},
    [TEXT_SC_SERVICE_EXIT] = {"SERVICE_EXIT_CODE", "DIENST_EXITCODE", "サービス終了コード"},
    [TEXT_SC_CHECKPOINT] = {"CHECKPOINT", "PRÜFPUNKT", "チェックポイント"},
    [TEXT_SC_WAIT_HINT] = {"WAIT_HINT", "WARTEHINWEIS", "待機ヒント"},
    [TEXT_SC_PID] = {"PID", "PID", "PID"},
    [TEXT_SC_FLAGS] = {"FLAGS", "KENNZEICHEN", "フラグ"},
    [TEXT_SC_START_TYPE] = {"START_TYPE", "STARTTYP", "開始の種類"},
    [TEXT_SC_ERROR_CONTROL] = {"ERROR_CONTROL", "FEHLERSTEUERUNG", "エラー制御"},
    [TEXT_SC_BINARY] = {"BINARY_PATH_NAME", "BINÄRPFADNAME", "バイナリ パス名"},
    [TEXT_SC_GROUP] = {"LOAD_ORDER_GROUP", "LADEGRUPPE", "読み込み順グループ"},
    [TEXT_SC_TAG] = {"TAG", "TAG", "タグ"},
    [TEXT_SC_DISPLAY] = {"DISPLAY_NAME", "ANZEIGENAME", "表示名"},
    [TEXT_SC_DEPENDENCIES] = {"DEPENDENCIES", "ABHÄNGIGKEITEN", "依存関係"},
    [TEXT_SC_ACCOUNT] = {"SERVICE_START_NAME", "DIENST_STARTNAME", "サービス開始名"},
    [TEXT_SC_CONFIG_DONE] = {"[SC] QueryServiceConfig SUCCESS", "[SC] QueryServiceConfig ERFOLG",
                             "[SC] QueryServiceConfig SUCCESS"},
    [TEXT_REG_NOT_FOUND] =
        {"ERROR: The system was unable to find the specified registry key or value.\r\n",
         "FEHLER: Der angegebene Registrierungsschlüssel bzw. Wert wurde nicht gefunden.\r\n",
         "エラー: 指定されたレジストリ キーまたは値が見つかりませんでした。\r\n"},
    [TEXT_REG_DENIED] = {"ERROR: Access is denied.\r\n", "FEHLER: Zugriff verweigert\r\n",
                         "エラー: アクセスが拒否されました。\r\n"},
    [TEXT_REG_SYNTAX] = {"ERROR: Invalid syntax.\r\nType \"REG QUERY /?\" for usage.\r\n",
                         "FEHLER: Ungültige Syntax.\r\nGeben Sie \"REG QUERY /?\" ein, um die "
                         "Syntax anzuzeigen.\r\n",
                         "エラー: 無効な構文です。\r\n"},
    [TEXT_DYNAMIC_TITLE] = {"Protocol %s Dynamic Port Range",
                            "Protokoll %s Dynamischer Portbereich",
                            "プロトコル %s の動的ポートの範囲"},
    [TEXT_DYNAMIC_START] = {"Start Port      ", "Startport       ", "開始ポート      "},
    [TEXT_DYNAMIC_COUNT] = {"Number of Ports ", "Anzahl von Ports ", "ポート数        "},
    [TEXT_ACCESS_DENIED] = {"Access is denied.\r\n", "Zugriff verweigert\r\n",
                            "アクセスが拒否されました。\r\n"},
    [TEXT_PS_UNKNOWN_COMMAND] =
        {"%s : The term '%s' is not recognized as the name of a cmdlet, function, script file, or "
         "operable program.\r\n",
         "%s : Die Benennung \"%s\" wurde nicht als Name eines Cmdlet, einer Funktion, einer "
         "Skriptdatei oder eines ausführbaren Programms erkannt.\r\n",
         "%s : 用語 '%s' は、コマンドレット、関数、スクリプト ファイル、または操作可能な"
         "プログラムの名前として認識されません。\r\n"},
};

const char *text_get(enum language language, enum text_id id)
{
    return texts[id][language];
}

void text_fill(enum language language, enum text_id id, const char *what, char *to, size_t size)
{
    const char *text = text_get(language, id);
    size_t at = 0;
    to[0] = '\0';
    while (*text != '\0' && at + 1 < size) {
        if (str_starts(text, "%s")) {
            int n = snprintf(to + at, size - at, "%s", what);
            at += n < 0 ? 0 : (size_t)n < size - at ? (size_t)n : size - at - 1;
            text += 2;
            continue;
        }
        to[at++] = *text++;
        to[at] = '\0';
    }
}

unsigned text_oem_code_page(enum language language)
{
    static const unsigned pages[] = {[LANGUAGE_EN] = 437, [LANGUAGE_DE] = 850, [LANGUAGE_JA] = 932};
    return pages[language];
}

const char *text_language_name(enum language language)
{
    static const char *const names[] = {"en", "de", "ja"};
    return names[language];
}
