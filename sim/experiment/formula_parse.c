/* SPDX-License-Identifier: Apache-2.0
 *
 * A recursive-descent parser of formulas. A minus sign is an operator unless it is inside a name
 * ("guests.host-nic.exits").
 */
#include "base/text.h"
#include "experiment/formula.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

#define DEPTH_MAX 64
#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"

static const struct {
    const char *word;
    enum formula_over over;
} overs[] = {
    { "mean", OVER_MEAN },
    { "median", OVER_MEDIAN },
    { "min", OVER_MIN },
    { "max", OVER_MAX },
    { "sum", OVER_SUM },
    { "count", OVER_COUNT },
    { "published", OVER_PUBLISHED },
    { "share", OVER_SHARE },
    { "slope", OVER_SLOPE },
    { "intercept", OVER_INTERCEPT },
    { "is", OVER_IS },
    { "lowest", OVER_LOWEST },
    { "highest", OVER_HIGHEST },
    { "half", OVER_HALF },
    { "inside", OVER_INSIDE },
};
#define OVER_COUNT_ (sizeof overs / sizeof overs[0])

struct parser {
    const struct formula_text *text;
    const char *at;
    struct diag *diag;
    unsigned depth;
};

static struct formula *parse_sum(struct parser *parser);

static struct place place_here(const struct parser *parser)
{
    return formula_place(parser->text, (size_t)(parser->at - parser->text->text));
}

static struct formula *fail(const struct parser *parser, const char *message)
{
    diag_error(parser->diag, place_here(parser), "%s", message);
    return NULL;
}

static void skip_blanks(struct parser *parser) { parser->at += strspn(parser->at, " \t\n"); }

static struct formula *make(const struct parser *parser, enum formula_kind kind)
{
    struct formula *formula = calloc(1, sizeof *formula);
    CHECK(formula != NULL);
    formula->kind = kind;
    formula->place = place_here(parser);
    formula->axis = formula->quantity = formula->over_index = formula->published = SIZE_MAX;
    return formula;
}

bool formula_is_keyword(const char *word)
{
    for (size_t i = 0; i < OVER_COUNT_; i++)
        if (strcmp(overs[i].word, word) == 0)
            return true;
    return strcmp(word, "where") == 0 || strcmp(word, "at") == 0 || strcmp(word, "over") == 0 ||
           strcmp(word, "for") == 0;
}

/* --- conditions --- */

/* Whether the next word is this one, alone. */
static bool is_word(const struct parser *parser, const char *word)
{
    size_t bytes = strlen(word);

    return strncmp(parser->at, word, bytes) == 0 && strchr(" \t\n", parser->at[bytes]) != NULL &&
           parser->at[bytes] != '\0';
}

/* Reads a value up to a blank, a comma, a bracket or a bar, or a value in quotes. NULL after an error. */
static char *read_value(struct parser *parser)
{
    char quote = *parser->at;
    size_t bytes;

    if (quote == '"' || quote == '\'') {
        const char *end = strchr(parser->at + 1, quote);

        if (end == NULL) {
            fail(parser, "this quote has no end");
            return NULL;
        }
        char *text = text_copy_bytes(parser->at + 1, (size_t)(end - parser->at) - 1);
        parser->at = end + 1;
        return text;
    }
    bytes = strcspn(parser->at, " \t\n,)|}");
    if (bytes == 0) {
        fail(parser, "a value is missing here");
        return NULL;
    }
    parser->at += bytes;
    return text_copy_bytes(parser->at - bytes, bytes);
}

static bool read_values(struct parser *parser, struct formula_condition *condition)
{
    for (;;) {
        char *value = read_value(parser);

        if (value == NULL)
            return false;
        condition->values = realloc(condition->values, (condition->value_count + 1) * sizeof *condition->values);
        CHECK(condition->values != NULL);
        condition->values[condition->value_count++] = value;
        if (parser->at[0] != ',' || parser->at[1] == '\0' || strchr(" \t\n", parser->at[1]) != NULL)
            return true;
        parser->at++;
    }
}

/* Reads the relation of a condition, which follows its name without a blank. */
static bool read_relation(struct parser *parser, enum formula_relation *relation)
{
    static const struct {
        const char *text;
        enum formula_relation relation;
    } relations[] = {
        { "!=", RELATION_IS_NOT }, { "<=", RELATION_AT_MOST }, { ">=", RELATION_AT_LEAST }, { "==", RELATION_IS },
        { "=", RELATION_IS },      { "<", RELATION_LESS },     { ">", RELATION_MORE },
    };

    for (size_t i = 0; i < sizeof relations / sizeof relations[0]; i++) {
        if (strncmp(parser->at, relations[i].text, strlen(relations[i].text)) == 0) {
            *relation = relations[i].relation;
            parser->at += strlen(relations[i].text);
            return true;
        }
    }
    return false;
}

static bool read_condition(struct parser *parser, struct formula_condition *condition)
{
    size_t bytes = strspn(parser->at, NAME_CHARACTERS);

    *condition = (struct formula_condition){ .place = place_here(parser), .axis = SIZE_MAX, .quantity = SIZE_MAX };
    if (bytes > 0 && parser->at[bytes] != '\0' && strchr("=!<>", parser->at[bytes]) != NULL) {
        condition->name = text_copy_bytes(parser->at, bytes);
        parser->at += bytes;
        if (!read_relation(parser, &condition->relation)) {
            fail(parser, "expected a relation: = != < <= > >=");
            return false;
        }
    } else {
        condition->name = text_copy("");
    }
    if (condition->relation == RELATION_IS || condition->relation == RELATION_IS_NOT)
        return read_values(parser, condition);
    bytes = quotient_read(parser->at, &condition->number);
    if (bytes == 0)
        fail(parser, "this is not a number");
    parser->at += bytes;
    return bytes > 0;
}

/* Whether what follows a name goes on with conditions: neither an operator nor the end of the formula. */
static bool is_condition(const struct parser *parser)
{
    static const char *const operators[] = { "+", "-", "*", "/", "<", "<=", ">", ">=", "==", "!=", "=", "+-" };

    if (parser->at[0] == '\0' || strchr(")|},", parser->at[0]) != NULL || is_word(parser, "for"))
        return false;
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
        size_t bytes = strlen(operators[i]);

        if (strncmp(parser->at, operators[i], bytes) == 0 &&
            (parser->at[bytes] == '\0' || strchr(" \t\n", parser->at[bytes]) != NULL))
            return false;
    }
    return true;
}

static bool read_conditions(struct parser *parser, struct formula *name)
{
    skip_blanks(parser);
    bool is_at = is_word(parser, "at");
    if (is_at || is_word(parser, "where")) {
        parser->at += is_at ? 2 : 5;
        skip_blanks(parser);
        if (!is_condition(parser))
            return fail(parser, "a condition is missing here, as in path=direct-eoi") != NULL;
    }
    while (is_condition(parser)) {
        if (is_at && is_word(parser, "where")) {
            is_at = false;
            parser->at += 5;
            skip_blanks(parser);
            continue;
        }
        name->conditions = realloc(name->conditions, (name->condition_count + 1) * sizeof *name->conditions);
        CHECK(name->conditions != NULL);
        if (!read_condition(parser, &name->conditions[name->condition_count++]))
            return false;
        name->at_count += is_at;
        skip_blanks(parser);
    }
    return true;
}

/* --- arithmetic --- */

/* Reads one of the words that say what stands for the rows, if there is one. */
static void read_over(struct parser *parser, struct formula *formula)
{
    size_t bytes = strspn(parser->at, NAME_CHARACTERS);

    for (size_t i = 0; i < OVER_COUNT_ && !formula->has_over; i++) {
        if (bytes == strlen(overs[i].word) && strncmp(parser->at, overs[i].word, bytes) == 0) {
            formula->over = overs[i].over;
            formula->has_over = true;
        }
    }
    if (!formula->has_over)
        return;
    parser->at += bytes;
    skip_blanks(parser);
    formula->place = place_here(parser);
}

/* NAME>NUMBER */
static bool read_shared(struct parser *parser, struct formula *formula)
{
    formula->shared = calloc(1, sizeof *formula->shared);
    CHECK(formula->shared != NULL);
    if (!read_condition(parser, formula->shared))
        return false;
    formula->name = text_copy(formula->shared->name);
    if (formula->shared->relation != RELATION_IS && formula->shared->relation != RELATION_IS_NOT)
        return true;
    diag_error(parser->diag, formula->place, "share needs a limit, as in share guests.idle.steal.percent>10");
    return false;
}

/* over AXIS */
static bool read_over_axis(struct parser *parser, struct formula *formula)
{
    size_t bytes;

    skip_blanks(parser);
    if (!is_word(parser, "over"))
        return fail(parser, "expected `over` and an axis, as in slope latency over vcpus") != NULL;
    parser->at += 4;
    skip_blanks(parser);
    bytes = strspn(parser->at, NAME_CHARACTERS);
    if (bytes == 0)
        return fail(parser, "the name of an axis is missing here") != NULL;
    formula->over_axis = text_copy_bytes(parser->at, bytes);
    parser->at += bytes;
    return true;
}

/* The name itself, with what belongs to the word before it. */
static bool read_subject(struct parser *parser, struct formula *formula)
{
    size_t bytes = strspn(parser->at, NAME_CHARACTERS);

    if (bytes == 0)
        return fail(parser, *parser->at == '\0' ? "a quantity is missing here"
                                                : "expected a quantity, a number or a bracket") != NULL;
    if (formula->over == OVER_SHARE)
        return read_shared(parser, formula);
    if (formula->over == OVER_IS) {
        formula->name = text_copy("");
        return true;
    }
    formula->name = text_copy_bytes(parser->at, bytes);
    parser->at += bytes;
    bool has_axis = formula->over == OVER_SLOPE || formula->over == OVER_INTERCEPT || formula->over == OVER_LOWEST ||
                    formula->over == OVER_HIGHEST;
    return !has_axis || read_over_axis(parser, formula);
}

static struct formula *parse_name(struct parser *parser)
{
    struct formula *formula = make(parser, FORMULA_NAME);

    read_over(parser, formula);
    if (read_subject(parser, formula) && read_conditions(parser, formula))
        return formula;
    formula_free(formula);
    return NULL;
}

static struct formula *parse_bracket(struct parser *parser)
{
    struct formula *formula;

    if (++parser->depth > DEPTH_MAX)
        return fail(parser, "brackets are nested too deeply");
    parser->at++;
    formula = parse_sum(parser);
    parser->depth--;
    if (formula != NULL && *parser->at != ')') {
        fail(parser, "expected a ')'");
        formula_free(formula);
        return NULL;
    }
    parser->at += formula != NULL;
    skip_blanks(parser);
    return formula;
}

static const struct {
    const char *word; /* with the bracket */
    enum formula_kind kind;
} functions[] = { { "min(", FORMULA_SMALLER }, { "max(", FORMULA_LARGER }, { "first(", FORMULA_FIRST } };

/* Returns the index of the function that begins here, or SIZE_MAX. */
static size_t find_function(const struct parser *parser)
{
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
        if (strncmp(parser->at, functions[i].word, strlen(functions[i].word)) == 0)
            return i;
    return SIZE_MAX;
}

/* Parses ", b, c)" behind `left`: min(a, b, c) is min(min(a, b), c). Frees `left` and returns NULL after an error. */
static struct formula *parse_arguments(struct parser *parser, enum formula_kind kind, struct formula *left)
{
    bool is_single = true;

    for (; left != NULL && *parser->at == ','; is_single = false) {
        struct formula *both = make(parser, kind);

        parser->at++;
        both->left = left;
        both->right = parse_sum(parser);
        left = both;
        if (both->right == NULL) {
            formula_free(both);
            return NULL;
        }
    }
    if (left != NULL && !is_single && *parser->at == ')')
        return left;
    if (left != NULL)
        fail(parser, is_single ? "expected a ',' and a second value" : "expected a ')'");
    formula_free(left);
    return NULL;
}

static struct formula *parse_function(struct parser *parser, size_t function)
{
    struct formula *formula;

    if (++parser->depth > DEPTH_MAX)
        return fail(parser, "brackets are nested too deeply");
    parser->at += strlen(functions[function].word);
    formula = parse_arguments(parser, functions[function].kind, parse_sum(parser));
    parser->depth--;
    parser->at += formula != NULL;
    skip_blanks(parser);
    return formula;
}

static struct formula *parse_factor(struct parser *parser)
{
    struct quotient number;
    size_t bytes;

    skip_blanks(parser);
    if (*parser->at == '(')
        return parse_bracket(parser);
    if (find_function(parser) != SIZE_MAX)
        return parse_function(parser, find_function(parser));
    bytes = quotient_read(parser->at, &number);
    if (bytes > 0 && strchr(NAME_CHARACTERS, parser->at[bytes]) != NULL && parser->at[bytes] != '\0')
        return fail(parser, "numbers have no unit here");
    if (bytes > 0) {
        struct formula *formula = make(parser, FORMULA_NUMBER);

        formula->number = number;
        parser->at += bytes;
        skip_blanks(parser);
        return formula;
    }
    return parse_name(parser);
}

static bool is_operator(const struct parser *parser, const char *operators)
{
    return *parser->at != '\0' && strchr(operators, *parser->at) != NULL && strncmp(parser->at, "+-", 2) != 0;
}

/* Parses what is joined by two operators of the same rank. */
static struct formula *parse_chain(struct parser *parser, const char *operators, const enum formula_kind kinds[2],
                                   struct formula *(*parse)(struct parser *parser))
{
    struct formula *left = parse(parser);

    while (left != NULL && is_operator(parser, operators)) {
        struct formula *both = make(parser, *parser->at == operators[0] ? kinds[0] : kinds[1]);

        parser->at++;
        both->left = left;
        both->right = parse(parser);
        left = both;
        if (both->right == NULL) {
            formula_free(both);
            return NULL;
        }
    }
    return left;
}

static struct formula *parse_product(struct parser *parser)
{
    return parse_chain(parser, "*/", (const enum formula_kind[]){ FORMULA_MULTIPLY, FORMULA_DIVIDE }, parse_factor);
}

static struct formula *parse_sum(struct parser *parser)
{
    return parse_chain(parser, "+-", (const enum formula_kind[]){ FORMULA_ADD, FORMULA_SUBTRACT }, parse_product);
}

struct formula *formula_parse(const struct formula_text *text, size_t *at, struct diag *diag)
{
    struct parser parser = { .text = text, .at = text->text + *at, .diag = diag };
    struct formula *formula = parse_sum(&parser);

    *at = (size_t)(parser.at - text->text);
    return formula;
}

static struct formula *check_end(const struct formula_text *text, size_t at, struct formula *formula, struct diag *diag)
{
    if (formula == NULL || text->text[at] == '\0')
        return formula;
    diag_error(diag, formula_place(text, at), "unexpected text after the formula");
    formula_free(formula);
    return NULL;
}

struct formula *formula_parse_all(const struct formula_text *text, struct diag *diag)
{
    size_t at = 0;
    struct formula *formula = formula_parse(text, &at, diag);

    return check_end(text, at, formula, diag);
}

struct formula *formula_parse_conditions(const struct formula_text *text, struct diag *diag)
{
    struct parser parser = { .text = text, .at = text->text, .diag = diag };
    struct formula *formula = make(&parser, FORMULA_NAME);

    formula->name = text_copy("");
    if (!read_conditions(&parser, formula)) {
        formula_free(formula);
        return NULL;
    }
    return check_end(text, (size_t)(parser.at - text->text), formula, diag);
}
