/* SPDX-License-Identifier: Apache-2.0
 *
 * Pairs are merged by the field, which is named by the type of its object, and by what is missing.
 */
#include "plain/pairs.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "plain/names.h"
#include "plain/program.h"
#include "plain/record.h"

enum { FINDINGS_MAX = 1000, PAIRS_MAX = 6, ROWS_MAX = 200 };

struct side {
    struct plain_record record;
    char locks[200], place[400];
};

struct finding {
    char field[160];      /* "pirq.softirq_link.next" */
    const char *scenario; /* the first one */
    bool is_interrupt;
    struct side pairs[PAIRS_MAX][2];
    size_t pair_count, more;
};

static struct finding *findings;
static size_t finding_count;
static const char *scenario_of_now;

/* --- which --- */

static bool shares_lock(const struct plain_record *a, const struct plain_record *b)
{
    bool shares = false;

    for (uint32_t i = 0; i < PLAIN_WORDS; i++)
        shares = shares || (a->always.bits[i] & b->always.bits[i]) != 0;
    return shares;
}

static bool are_two_cpus(const struct plain_record *a, const struct plain_record *b)
{
    uint32_t runners = a->runners | b->runners;

    return (runners & (runners - 1)) != 0;
}

static bool is_interrupted_by(const struct plain_record *a, const struct plain_record *handler)
{
    return handler->in_interrupt && !a->in_interrupt && a->is_irq_on && (a->cpus & handler->cpus) != 0;
}

/* --- findings --- */

/* "struct pirq" at 3 * sizeof(struct pirq) + 8 -> "pirq.state"; of arrays in it, every index is [*]. Other objects are
 * named by the function that has allocated them. */
static void field_name(const struct plain_record *record, char *text, size_t text_bytes)
{
    const struct plain_object *object = plain_record_object(record);
    char member[120];

    if (object == NULL) {
        (void)snprintf(text, text_bytes, "the stack of another CPU");
        return;
    }
    if (strncmp(object->type, "struct ", 7) != 0) {
        (void)snprintf(text, text_bytes, "%s of %s", object->type, object->function);
        return;
    }
    program_member(object->type, object->element_bytes, plain_record_offset(record), member, sizeof(member));
    size_t used = (size_t)snprintf(text, text_bytes, "%s%s", object->type + 7, member[0] == '\0' ? "" : ".");
    for (const char *from = member; *from != '\0' && used + 1 < text_bytes; from++) {
        text[used++] = *from;
        if (*from == '[') {
            text[used++] = '*';
            from += strspn(from + 1, "0123456789");
        }
    }
    text[used] = '\0';
}

static struct finding *finding_of(const struct plain_record *record, bool is_interrupt)
{
    char field[160];

    field_name(record, field, sizeof(field));
    for (size_t i = 0; i < finding_count; i++)
        if (findings[i].is_interrupt == is_interrupt && strcmp(findings[i].field, field) == 0)
            return &findings[i];
    CHECK(finding_count < FINDINGS_MAX);
    struct finding *finding = &findings[finding_count++];
    (void)snprintf(finding->field, sizeof(finding->field), "%s", field);
    finding->is_interrupt = is_interrupt;
    finding->scenario = strdup(scenario_of_now);
    return finding;
}

static void side_fill(struct side *side, const struct plain_record *record)
{
    FILE *stream = fmemopen(side->locks, sizeof(side->locks), "w");

    CHECK(stream != NULL);
    side->record = *record;
    plain_locks_print(&record->always, stream);
    fclose(stream);
    program_place(record->pc, side->place, sizeof(side->place));
}

static void pair_add(struct finding *finding, const struct plain_record *a, const struct plain_record *b)
{
    struct side sides[2];

    side_fill(&sides[0], a);
    side_fill(&sides[1], b);
    for (size_t i = 0; i < finding->pair_count; i++)
        if (strcmp(finding->pairs[i][0].place, sides[0].place) == 0 &&
            strcmp(finding->pairs[i][1].place, sides[1].place) == 0)
            return;
    if (finding->pair_count == PAIRS_MAX)
        finding->more++;
    else
        memcpy(finding->pairs[finding->pair_count++], sides, sizeof(sides));
}

static void consider(const struct plain_record *a, const struct plain_record *b)
{
    if (a->pc > b->pc) {
        consider(b, a);
        return;
    }
    if (!a->is_write && !b->is_write)
        return;
    if (is_interrupted_by(a, b) || is_interrupted_by(b, a))
        pair_add(finding_of(a, true), a, b);
    if (are_two_cpus(a, b) && !shares_lock(a, b))
        pair_add(finding_of(a, false), a, b);
}

static int record_compare(const void *left, const void *right)
{
    const struct plain_record *a = left, *b = right;

    if (a->offset != b->offset)
        return a->offset < b->offset ? -1 : 1;
    return a->pc != b->pc ? (a->pc < b->pc ? -1 : 1) : 0;
}

void pairs_add(const char *scenario)
{
    struct plain_record *records = calloc(plain_record_count, sizeof(*records));
    size_t count = 0;

    scenario_of_now = scenario;
    if (findings == NULL)
        findings = calloc(FINDINGS_MAX, sizeof(*findings));
    CHECK(records != NULL && findings != NULL);
    for (size_t i = 0; i < plain_record_count; i++)
        if (plain_records[i].pc != 0)
            records[count++] = plain_records[i];
    qsort(records, count, sizeof(*records), record_compare);
    for (size_t i = 0; i < count; i++)
        for (size_t j = i; j < count && records[j].offset < records[i].offset + records[i].bytes; j++)
            consider(&records[i], &records[j]);
    free(records);
}

/* --- which are explained --- */

struct row {
    char text[200]; /* a pattern: "cpus pirq.softirq_link*" */
    bool is_used;
};

static bool is_explained(const struct finding *finding, struct row *rows, size_t row_count)
{
    char text[200];

    (void)snprintf(text, sizeof(text), "%s %s", finding->is_interrupt ? "interrupt" : "cpus", finding->field);
    for (size_t i = 0; i < row_count; i++)
        if (fnmatch(rows[i].text, text, 0) == 0)
            return rows[i].is_used = true;
    return false;
}

static void side_print(const struct side *side, FILE *stream)
{
    fprintf(stream, "  %-5s %s\n        cpus %x, %sinterrupts %s, %s\n", side->record.is_write ? "write" : "read",
            side->place, side->record.cpus, side->record.in_interrupt ? "in a handler, " : "",
            side->record.is_irq_on ? "on" : "off", side->locks);
}

static void finding_print(const struct finding *finding, FILE *stream)
{
    fprintf(stream, "%s: %s, in %s\n", finding->field,
            finding->is_interrupt ? "a handler and what it interrupts" : "two CPUs, no lock in common",
            finding->scenario);
    for (size_t i = 0; i < finding->pair_count; i++)
        for (int s = 0; s < 2; s++)
            if (s == 0 || strcmp(finding->pairs[i][0].place, finding->pairs[i][1].place) != 0)
                side_print(&finding->pairs[i][s], stream);
    if (finding->more > 0)
        fprintf(stream, "  and %zu more pairs\n", finding->more);
}

static size_t rows_read(const char *path, struct row *rows, size_t room)
{
    FILE *file = fopen(path, "r");
    char line[150];
    size_t count = 0;

    CHECK(file != NULL);
    while (fgets(line, sizeof(line), file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '#' || line[0] == ' ' || line[0] == '\0')
            continue;
        CHECK(count < room);
        rows[count] = (struct row){ .is_used = false };
        CHECK(snprintf(rows[count].text, sizeof(rows->text), "%s*", line) < (int)sizeof(rows->text));
        count++;
    }
    fclose(file);
    return count;
}

size_t pairs_print(const char *explained, FILE *stream)
{
    static struct row rows[ROWS_MAX];
    size_t row_count = rows_read(explained, rows, ROWS_MAX), printed = 0;

    for (size_t i = 0; i < finding_count; i++) {
        if (is_explained(&findings[i], rows, row_count))
            continue;
        finding_print(&findings[i], stream);
        printed++;
    }
    for (size_t i = 0; i < row_count; i++) {
        if (rows[i].is_used)
            continue;
        fprintf(stream, "%s: nothing to explain\n", rows[i].text);
        printed++;
    }
    return printed;
}
