/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/names.h"

#include "enroll/lang.h"
#include "enroll/message.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

struct name {
    const char *word;
    const char *text;
};

const char *const names_finger[NAMES_FINGERS] = {
    "right-thumb", "right-index", "right-middle", "right-ring", "right-little",
    "left-thumb",  "left-index",  "left-middle",  "left-ring",  "left-little"};

const char *const names_category[] = {"regular",     "fixed-term", "fiscal-year", "temporary",
                                      "reappointed", "support",    "contractor"};
const size_t names_categories = sizeof(names_category) / sizeof(names_category[0]);

/* `text`: what the config calls the role; NULL: the catalogue's word. */
static struct name roles[] = {
    {"registrar", NULL}, {"approver", NULL}, {"administrator", NULL}, {"auditor", NULL}};

static const struct name word_table[] = {
    {"regular", N_("regular staff")},
    {"fixed-term", N_("fixed-term staff")},
    {"fiscal-year", N_("fiscal-year employee")},
    {"temporary", N_("temporary staff")},
    {"reappointed", N_("reappointed staff")},
    {"support", N_("support staff")},
    {"contractor", N_("contractor")},
    {"active", N_("active")},
    {"stopped", N_("stopped")},
    {"yes", N_("yes")},
    {"no", N_("no")},
    {"good", N_("good")},
    {"ok", N_("good")},
    {"behind", N_("behind the last event")},
    {"unknown", N_("not known")},
    {"operator", N_("an operator unlocks")},
    {"suspended", N_("suspended")},
    {"returned", N_("returned")},
    {"destroyed", N_("destroyed")},
    {"card", N_("IC card")},
    {"token", N_("security key")},
    {"finger", N_("fingerprint")},
    {"pin", N_("PIN")},
    {"piv", N_("PIV card")},
    {"jpki", N_("My Number card")},
    {"felica", N_("FeliCa Lite-S")},
    {"yubikey", N_("YubiKey")},
    {"memorised", N_("memorised PIN")},
    {"signature", N_("signature")},
    {"none", N_("none yet")},
    {"old", N_("old")},
    {"refused", N_("too old: nobody may log in")},
    {"file", N_("distribution file")},
    {"inbox", N_("folder for distribution files")},
    {"database", N_("database of the zone")},
    {"own", N_("its own")},
    {"station", N_("enrolment station")},
    {"taken", N_("from the station")},
    {"shared-key", N_("shared key, one zone only")},
    {"all", N_("all that were registered")},
    {"in-stock", N_("in stock")},
    {"lent", N_("lent")},
    {"missing", N_("missing")},
    {"one", N_("in use")},
    {"next", N_("new ones with the next issue")},
    {"both", N_("new ones; files still for the old ones")},
    {"sealed", N_("sealed")},
    {"ahead", N_("not yet in effect")},
    {"running", N_("in effect")},
    {"over", N_("over")},
    {"added", N_("new")},
    {"changed", N_("changed")},
    {"removed", N_("gone")},
    {"registrar", N_("registrar")},
    {"approver", N_("approver")},
    {"administrator", N_("administrator")},
    {"auditor", N_("auditor")},
    {"rehired", N_("back again")},
    {"leaving", N_("ended")},
};

/* Words that the catalogue has a message for. */
static const struct name catalogue_table[] = {
    {"individual-number", "X40"},
    {"lgwan", "X41"},
    {"internet", "X42"},
    {"right-thumb", "X51"},
    {"right-index", "X52"},
    {"right-middle", "X53"},
    {"right-ring", "X54"},
    {"right-little", "X55"},
    {"left-thumb", "X56"},
    {"left-index", "X57"},
    {"left-middle", "X58"},
    {"left-ring", "X59"},
    {"left-little", "X60"},
    {"lost", "X50a"},
    {"damaged", "X50b"},
    {"forgotten", "X50c"},
    {"found", "X50d"},
    {"replaced", "X50e"},
    {"unused", "X50f"},
    {"retired", "X50g"},
    {"transferred", "X50h"},
    {"ended", "X50i"},
    {"injured", "X50j"},
    {"no-finger", "X50k"},
    {"disaster", "X50l"},
    {"other", "X50m"},
};

static const struct name label_table[] = {
    {"id", N_("Id")},
    {"number", N_("Staff no.")},
    {"name", N_("Name")},
    {"kana", N_("Kana")},
    {"section", N_("Section")},
    {"category", N_("Category")},
    {"state", N_("State")},
    {"login", N_("Logins")},
    {"from", N_("Valid from")},
    {"until", N_("Until")},
    {"cards", N_("Cards")},
    {"tokens", N_("Security keys")},
    {"secret", N_("PIN (shown this once)")},
    {"fingers", N_("Fingers")},
    {"locked", N_("Locked")},
    {"family", N_("Family")},
    {"strength", N_("Strength")},
    {"pin", N_("PIN")},
    {"keys", N_("Keys")},
    {"label", N_("Label")},
    {"reader", N_("Reader")},
    {"finger", N_("Finger")},
    {"samples", N_("Samples")},
    {"alike", N_("Like a finger of")},
    {"driver", N_("Driver")},
    {"device", N_("Device")},
    {"deleted", N_("Deleted")},
    {"proven", N_("Proven")},
    {"apdus", N_("Commands to the card")},
    {"sent", N_("Octets sent")},
    {"received", N_("Octets received")},
    {"micros", N_("Microseconds")},
    {"failures", N_("Failed attempts")},
    {"zone", N_("Zone")},
    {"zones", N_("Zones")},
    {"hosts", N_("Hosts")},
    {"escort", N_("Attended")},
    {"hours", N_("Hours")},
    {"form", N_("Form no.")},
    {"factors", N_("Factors")},
    {"reason", N_("Reason")},
    {"approver", N_("Approver")},
    {"standing", N_("In effect")},
    {"days", N_("Days")},
    {"last_login", N_("Last login")},
    {"elsewhere", N_("Last day elsewhere")},
    {"place", N_("Place")},
    {"since", N_("Since")},
    {"count", N_("Number")},
    {"require", N_("Required")},
    {"host", N_("Host")},
    {"version", N_("Version")},
    {"roster", N_("Roster no.")},
    {"roster_time", N_("Roster as of")},
    {"people", N_("People")},
    {"events", N_("Events")},
    {"last_event", N_("Last event")},
    {"last_time", N_("Last event")},
    {"registry", N_("Registry")},
    {"demo", N_("Demonstration")},
    {"clock", N_("Clock")},
    {"sequence", N_("No.")},
    {"time", N_("Time")},
    {"kind", N_("Event")},
    {"enrolled", N_("Registered")},
    {"code", N_("Access code")},
    {"or", N_("Or")},
    {"line", N_("Line")},
    {"link", N_("Hash of the log")},
    {"issue", N_("Roster no.")},
    {"amendments", N_("Hash of the amendments")},
    {"head", N_("Signed octets")},
    {"signature", N_("Signature")},
    {"stop_code", N_("Stop code")},
    {"lent", N_("Lent on")},
    {"overdue", N_("Overdue")},
    {"helpdesks", N_("Helpdesks")},
    {"zone_keys", N_("Keys of the zone")},
    {"recovery_code", N_("Recovery code (shown this once)")},
    {"helpdesk", N_("Helpdesk")},
    {"join_code", N_("Code (shown this once)")},
    {"expires", N_("Good until")},
    {"change", N_("Change")},
    {"what", N_("What")},
    {"added", N_("New")},
    {"changed", N_("Changed")},
    {"stopped", N_("Stopped")},
    {"removed", N_("Gone")},
    {"due", N_("New issue")},
    {"roles_before", N_("Roles so far")},
    {"roles_after", N_("Roles from now on")},
    {"roles_wanted", N_("Roles wanted")},
    {"validity", N_("Period")},
    {"roles", N_("Roles")},
    {"roles_waiting", N_("Roles not in effect")},
    {"left", N_("Seconds left")},
    {"signatures", N_("Signatures")},
    {"card", N_("Card")},
    {"plans", N_("Planned")},
    {"exceptions", N_("Exceptions")},
    {"logins", N_("Logins")},
    {"base", N_("Changes since no.")},
    {"records", N_("Records")},
    {"file", N_("File")},
    {"slip", N_("Transfer slip")},
    {"octets", N_("Octets")},
    {"sha256", N_("SHA-256")},
    {"media", N_("Media no.")},
    {"replaces", N_("Takes the place of no.")},
    {"hash", N_("Hash of the issue")},
    {"issues", N_("Issues")},
    {"templates", N_("Fingerprints")},
    {"secrets", N_("Sealed secrets")},
    {"notices", N_("Notices")},
    {"authority", N_("Key of the authority")},
    {"authors", N_("Authors")},
    {"register", N_("Register")},
    {"age", N_("Age (days)")},
    {"warn", N_("Warns after (days)")},
    {"refuse", N_("Refuses after (days)")},
    {"source", N_("Source")},
    {"taken", N_("Taken")},
    {"operator", N_("Operator")},
    {"key", N_("Key")},
};

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static const char *look_up(const struct name *table, size_t rows, const char *word)
{
    for (size_t n = 0; n < rows; n++)
        if (strcmp(table[n].word, word) == 0)
            return _(table[n].text);
    return word;
}

bool names_is_finger(const char *word)
{
    for (size_t n = 0; n < NAMES_FINGERS; n++)
        if (strcmp(names_finger[n], word) == 0)
            return true;
    return false;
}

bool names_is_category(const char *word)
{
    for (size_t n = 0; n < names_categories; n++)
        if (strcmp(names_category[n], word) == 0)
            return true;
    return false;
}

static struct name *find_role(const char *word)
{
    for (size_t n = 0; n < ROWS(roles); n++)
        if (strcmp(roles[n].word, word) == 0)
            return &roles[n];
    return NULL;
}

bool names_is_role(const char *word)
{
    return find_role(word) != NULL;
}

void names_call_role(const char *word, const char *text)
{
    struct name *role = find_role(word);

    if (role != NULL && text[0] != '\0')
        role->text = text;
}

void names_list_roles(void)
{
    for (size_t n = 0; n < ROWS(roles); n++)
        printf("  %-14s %s\n", roles[n].word, names_word(roles[n].word));
}

void names_list_fingers(void)
{
    for (size_t n = 0; n < NAMES_FINGERS; n++)
        printf("  %-14s %s\n", names_finger[n], names_word(names_finger[n]));
}

void names_list_categories(void)
{
    for (size_t n = 0; n < names_categories; n++)
        printf("  %-14s %s\n", names_category[n], names_word(names_category[n]));
}

const char *names_word(const char *word)
{
    static char text[ROWS(catalogue_table)][MESSAGE_MAX];
    const struct args none = {0};
    const struct name *role = find_role(word);

    if (role != NULL && role->text != NULL)
        return role->text;
    for (size_t n = 0; n < ROWS(catalogue_table); n++)
        if (strcmp(catalogue_table[n].word, word) == 0) {
            message_render(catalogue_table[n].text, &none, text[n]);
            return text[n];
        }
    return look_up(word_table, ROWS(word_table), word);
}

const char *names_label(const char *key)
{
    return look_up(label_table, ROWS(label_table), key);
}

static bool is_edge_of_day(const struct tm *tm)
{
    if (tm->tm_hour == 0)
        return tm->tm_min == 0 && tm->tm_sec == 0;
    return tm->tm_hour == 23 && tm->tm_min == 59 && tm->tm_sec == 59;
}

/* 2026-04-01T08:30:00Z as local 2026-04-01 08:30:00, first and last second of a day as the day
 * alone; false for anything else. */
static bool local_time(const char *value, char *out, size_t cap)
{
    struct tm tm = {0};
    const char *end = strptime(value, "%Y-%m-%dT%H:%M:%SZ", &tm);
    time_t t;

    if (end == NULL || *end != '\0' || (t = timegm(&tm)) == (time_t)-1 ||
        localtime_r(&t, &tm) == NULL)
        return false;
    if (is_edge_of_day(&tm))
        return strftime(out, cap, "%Y-%m-%d", &tm) > 0;
    return strftime(out, cap, "%Y-%m-%d %H:%M:%S", &tm) > 0;
}

/* "card finger" as "IC card + fingerprint". */
static void words(const char *value, const char *between, const char *(*name)(const char *word),
                  char *out, size_t cap)
{
    char copy[256];
    char *save = NULL;
    size_t len = 0;

    out[0] = '\0';
    snprintf(copy, sizeof(copy), "%s", value);
    for (char *w = strtok_r(copy, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save)) {
        int n = snprintf(out + len, cap - len, "%s%s", len > 0 ? between : "", name(w));
        if (n < 0 || (size_t)n >= cap - len)
            return;
        len += (size_t)n;
    }
}

static bool is_worded(const char *key)
{
    static const char *const worded[] = {
        "category", "state",    "locked",   "finger",   "proven", "zone",     "registry", "demo",
        "clock",    "pin",      "family",   "strength", "escort", "reason",   "standing", "change",
        "due",      "helpdesk", "register", "source",   "place",  "zone_keys"};

    for (size_t n = 0; n < ROWS(worded); n++)
        if (strcmp(worded[n], key) == 0)
            return true;
    return false;
}

void names_value(const char *key, const char *value, char *out, size_t cap)
{
    if (*value == '\0')
        snprintf(out, cap, "-");
    else if (strcmp(key, "require") == 0 || strcmp(key, "factors") == 0)
        words(value, " + ", names_word, out, cap);
    else if (strcmp(key, "what") == 0)
        words(value, ", ", names_label, out, cap);
    else if (strcmp(key, "zones") == 0 || strncmp(key, "roles", 5) == 0)
        words(value, ", ", names_word, out, cap);
    else if (is_worded(key))
        snprintf(out, cap, "%s", names_word(value));
    else if (!local_time(value, out, cap))
        snprintf(out, cap, "%s", strcmp(key, "until") == 0 ? names_word(value) : value);
}
