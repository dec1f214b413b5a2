/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the sections `published`, `expect`, `aim`, `verdict` and `notes`.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "experiment/read.h"

#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

/* --- published values --- */

/* Reads "60", "60 %", "2.4us" or a list of a low and a high value. */
static bool read_value(const struct reader *reader, const struct node *node, struct quotient *value, char **unit)
{
    const char *text = bind_text(&reader->binder, node, "a number");
    size_t bytes = text != NULL ? quotient_read(text, value) : 0;

    if (text != NULL && bytes == 0)
        bind_error(&reader->binder, node, NULL, "expected a number, as in 60 or '60 %%', not '%.40s'", text);
    if (bytes == 0)
        return false;
    text += bytes + strspn(text + bytes, " ");
    if (*text != '\0' && *unit == NULL)
        *unit = text_copy(text);
    return true;
}

static void read_values(const struct reader *reader, const struct node *map, struct experiment_published *published)
{
    const struct node *node = node_find(map, "value");

    if (node == NULL) {
        bind_error(&reader->binder, map, NULL,
                   "missing key 'value': a number, or the list of a lowest and a highest one");
    } else if (node->kind != NODE_LIST) {
        if (read_value(reader, node, &published->value, &published->unit))
            published->low = published->high = published->value;
    } else if (node->child_count != 2) {
        bind_error(&reader->binder, node, NULL, "expected the lowest and the highest value");
    } else if (read_value(reader, node->first, &published->low, &published->unit) &&
               read_value(reader, node->last, &published->high, &published->unit) &&
               quotient_compare(published->low, published->high) > 0) {
        bind_error(&reader->binder, node, NULL, "the lowest value is above the highest one");
    }
}

/* "trips: irqchip=kernel think=25us" -> the run and the rest; the run is optional. */
static struct formula *read_place(const struct reader *reader, const struct node *map)
{
    const struct node *node = node_find(map, "where");
    char *run = read_string(reader, map, "run", "the name of a run");
    struct formula *where = read_conditions(reader, map, "where");

    if (where == NULL && node == NULL) {
        where = calloc(1, sizeof *where);
        CHECK(where != NULL);
        where->kind = FORMULA_NAME;
        where->name = text_copy("");
        where->axis = where->quantity = SIZE_MAX;
        where->place = map->place;
    }
    if (where != NULL && run != NULL)
        formula_set_run(where, run);
    free(run);
    return where;
}

static void read_one_published(struct reader *reader, const struct node *node)
{
    static const char *const keys[] = { "name", "run", "where", "quantity", "value", "source", "tag", NULL };
    struct experiment *experiment = reader->experiment;

    if (bind_map(&reader->binder, node, "quantity, value, source, ...") == NULL)
        return;
    struct experiment_published *published = ARRAY_ADD(experiment->published, experiment->published_count);
    read_check_keys(reader, node, keys);
    published->place = node->place;
    published->quantity = SIZE_MAX;
    published->name = read_string(reader, node, "name", "a name");
    if (published->name != NULL && published->name[strspn(published->name, NAME_LETTERS)] != '\0')
        bind_error(&reader->binder, node_find(node, "name"), NULL, "a name consists of letters, digits, '-' and '_'");
    published->where = read_place(reader, node);
    published->quantity_name = read_string(reader, node, "quantity", "a quantity");
    published->source = read_string(reader, node, "source", "a source");
    published->tag = read_string(reader, node, "tag", "a word such as seen or recalled");
    read_values(reader, node, published);
    if (published->quantity_name == NULL && node_find(node, "quantity") == NULL)
        bind_error(&reader->binder, node, NULL, "missing key 'quantity': what the value is one of");
    if (published->source == NULL && node_find(node, "source") == NULL)
        bind_error(&reader->binder, node, NULL, "missing key 'source': where the value was published");
}

void read_published(struct reader *reader, const struct node *node)
{
    node = bind_list(&reader->binder, node, "published values");
    for (const struct node *child = node != NULL ? node->first : NULL; child != NULL; child = child->next)
        read_one_published(reader, child);
}

/* --- expectations --- */

static bool is_run(const struct experiment *experiment, const char *name, size_t bytes)
{
    for (size_t i = 0; i < experiment->run_count; i++)
        if (strlen(experiment->runs[i].name) == bytes && strncmp(experiment->runs[i].name, name, bytes) == 0)
            return true;
    return false;
}

/* Reads "for each AXIS" if it stands there. */
static void read_each(const struct formula_text *text, size_t *at, struct experiment_expectation *expectation)
{
    static const char words[] = "for each ";
    const char *from = text->text + *at + strlen(words);
    size_t bytes;

    if (strncmp(text->text + *at, words, strlen(words)) != 0)
        return;
    from += strspn(from, " ");
    bytes = strcspn(from, " ");
    expectation->each = text_copy_bytes(from, bytes);
    expectation->each_place = formula_place(text, (size_t)(from - text->text));
    *at = (size_t)(from + bytes - text->text) + strspn(from + bytes, " ");
}

/* Parses "LEFT RELATION RIGHT [+- TOLERANCE] [for each AXIS]" from `at` on. */
static bool parse_condition(const struct reader *reader, const struct formula_text *text, size_t at,
                            struct experiment_expectation *expectation)
{
    const char *after;
    size_t bytes;

    expectation->tolerance = quotient_from(0, 1);
    if ((expectation->left = formula_parse(text, &at, reader->diag)) == NULL)
        return false;
    after = expect_read_relation(text->text + at, &expectation->relation);
    if (after == NULL) {
        diag_error(reader->diag, formula_place(text, at), "%s: expected FORMULA OP FORMULA, as in 'max exits < 2'",
                   text->text[at] != '\0' ? "unknown operator; the operators are < <= > >= == !="
                                          : "the operator is missing");
        return false;
    }
    at = (size_t)(after - text->text);
    if ((expectation->right = formula_parse(text, &at, reader->diag)) == NULL)
        return false;
    if (strncmp(text->text + at, "+-", 2) == 0) {
        if (expectation->relation != EXPECT_EQUAL) {
            diag_error(reader->diag, formula_place(text, at), "+- can be used with == only");
            return false;
        }
        at += 2 + strspn(text->text + at + 2, " ");
        bytes = quotient_read(text->text + at, &expectation->tolerance);
        if (bytes == 0)
            diag_error(reader->diag, formula_place(text, at), "this is not a number");
        at += bytes + strspn(text->text + at + bytes, " ");
        if (bytes == 0)
            return false;
    }
    read_each(text, &at, expectation);
    if (text->text[at] != '\0')
        diag_error(reader->diag, formula_place(text, at), "unexpected text after the expectation");
    return text->text[at] == '\0';
}

/* An entry is "[RUN:] CONDITION", or a map of what it says in words to the condition. */
static void read_expectation(struct reader *reader, const struct node *node, bool is_aim)
{
    struct experiment *experiment = reader->experiment;
    const struct node *condition = node->kind == NODE_MAP && node->child_count == 1 ? node->first : node;
    const char *run = NULL;
    size_t at = 0;

    if (bind_text(&reader->binder, condition, "'[RUN:] FORMULA OP FORMULA', or a map of words to it") == NULL)
        return;
    struct experiment_expectation *expectation = ARRAY_ADD(experiment->expectations, experiment->expectation_count);
    expectation->is_aim = is_aim;
    expectation->place = condition->place;
    struct formula_text text = read_formula_text(reader, condition);
    if (condition != node && is_run(experiment, condition->key, strlen(condition->key)))
        run = condition->key;
    else if (condition != node)
        expectation->text = text_copy(condition->key);
    size_t bytes = strcspn(text.text, ": ");
    char *prefix = NULL;
    if (text.text[bytes] == ':') {
        prefix = text_copy_bytes(text.text, bytes);
        if (is_run(experiment, text.text, bytes))
            run = prefix;
        else
            diag_error(reader->diag, formula_place(&text, 0), "there is no run '%.60s'", prefix);
        at = bytes + 1 + strspn(text.text + bytes + 1, " ");
    }
    CHECK(asprintf(&expectation->condition, "%s%s%s", run != NULL && prefix == NULL ? run : "",
                   run != NULL && prefix == NULL ? ": " : "", text.text) >= 0);
    if (parse_condition(reader, &text, at, expectation) && run != NULL) {
        formula_set_run(expectation->left, run);
        formula_set_run(expectation->right, run);
    }
    free(prefix);
}

void read_expectations(struct reader *reader, const struct node *node, bool is_aim)
{
    node = bind_list(&reader->binder, node, "expectations");
    for (const struct node *child = node != NULL ? node->first : NULL; child != NULL; child = child->next)
        read_expectation(reader, child, is_aim);
}

/* --- text with values in it --- */

static void add_words(struct experiment_text *text, const char *from, size_t bytes)
{
    if (bytes == 0)
        return;
    struct experiment_piece *piece = ARRAY_ADD(text->pieces, text->count);
    piece->words = text_copy_bytes(from, bytes);
}

/* Reads "| 1 us", "| +0", "| 2 +-": digits after the point, unit, interval. Returns false at anything else. */
static bool read_format(const char *text, size_t *at, struct experiment_piece *piece)
{
    size_t unit;

    if (text[*at] != '|')
        return true;
    *at += 1 + strspn(text + *at + 1, " ");
    piece->has_sign = text[*at] == '+' && text[*at + 1] != '-';
    *at += piece->has_sign;
    if (!isdigit((unsigned char)text[*at]) || isdigit((unsigned char)text[*at + 1]))
        return false;
    piece->decimals = text[(*at)++] - '0';
    *at += strspn(text + *at, " ");
    unit = strspn(text + *at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ%");
    if (unit > 0) {
        piece->unit = text_copy_bytes(text + *at, unit);
    }
    *at += unit + strspn(text + *at + unit, " ");
    piece->has_interval = strncmp(text + *at, "+-", 2) == 0;
    *at += piece->has_interval ? 2 : 0;
    *at += strspn(text + *at, " ");
    return true;
}

/* Reads "{RUN: FORMULA | FORMAT}" behind its opening brace. Returns false after an error. */
static bool read_value_piece(const struct reader *reader, const struct formula_text *source, size_t *at,
                             struct experiment_text *text)
{
    size_t bytes = strcspn(source->text + *at, ":{}| \n");
    char *run = NULL;

    if (source->text[*at + bytes] == ':' && is_run(reader->experiment, source->text + *at, bytes)) {
        run = text_copy_bytes(source->text + *at, bytes);
        *at += bytes + 1;
    }
    struct formula *formula = formula_parse(source, at, reader->diag);
    if (formula == NULL) {
        free(run);
        return false;
    }
    if (run != NULL)
        formula_set_run(formula, run);
    free(run);
    struct experiment_piece *piece = ARRAY_ADD(text->pieces, text->count);
    piece->formula = formula;
    piece->decimals = -1;
    if (!read_format(source->text, at, piece)) {
        diag_error(reader->diag, formula_place(source, *at),
                   "expected digits after the point, and a unit, as in {latency | 1 us}");
        return false;
    }
    if (source->text[*at] != '}')
        diag_error(reader->diag, formula_place(source, *at), "expected a '}' after the formula");
    return source->text[*at] == '}';
}

void read_text(struct reader *reader, const struct node *node, struct experiment_text *text)
{
    if (node == NULL || bind_text(&reader->binder, node, "a text") == NULL)
        return;
    struct formula_text source = read_formula_text(reader, node);
    size_t from = 0, at = 0;
    while (source.text[at] != '\0') {
        char brace = source.text[at];

        if (brace != '{' && brace != '}') {
            at++;
            continue;
        }
        add_words(text, source.text + from, at - from + (source.text[at + 1] == brace));
        if (source.text[at + 1] == brace) { /* a doubled brace is one of the text */
            from = at += 2;
            continue;
        }
        if (brace == '}') {
            diag_error(reader->diag, formula_place(&source, at),
                       "a '}' without its '{'; write '}}' for one of the text");
            return;
        }
        at++;
        if (!read_value_piece(reader, &source, &at, text))
            return;
        from = ++at;
    }
    add_words(text, source.text + from, at - from);
}
