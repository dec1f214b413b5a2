/* SPDX-License-Identifier: Apache-2.0
 *
 * Builds a bounded tree from the events of libyaml. With events instead of libyaml's documents, nesting and aliases are
 * limited while reading, and a deep `[[[[` never reaches the quadratic parts of the scanner.
 */
#include "scenario/yaml_tree.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/check.h"
#include "base/control.h"

#define ANCHORS_MAX 256

struct anchor {
    const char *name;
    const struct node *node;
};

struct reader {
    struct yaml_tree *tree;
    struct diag *diag;
    struct place origin;
    const char *text;
    size_t bytes;
    struct node *root;
    struct node *open; /* the container being filled; NULL outside */
    uint32_t depth;
    bool has_key; /* the key of the open map's next value has been read */
    bool is_duplicate;
    const char *key;
    struct place key_place;
    struct anchor anchors[ANCHORS_MAX];
    uint32_t anchor_count;
};

static struct place place_of(const struct reader *reader, yaml_mark_t mark)
{
    struct place place = reader->origin;

    place.column = (mark.line == 0 ? reader->origin.column : 1) + (uint32_t)mark.column;
    place.line += (uint32_t)mark.line;
    return place;
}

static struct place place_of_offset(const struct reader *reader, size_t offset)
{
    yaml_mark_t mark = { 0, 0, 0 };

    for (size_t i = 0; i < offset && i < reader->bytes; i++) {
        if (reader->text[i] == '\n') {
            mark.line++;
            mark.column = 0;
        } else if (((unsigned char)reader->text[i] & 0xC0) != 0x80) {
            mark.column++;
        }
    }
    return place_of(reader, mark);
}

static bool is_tab(const struct reader *reader, yaml_mark_t mark)
{
    const char *at = reader->text, *end = reader->text + reader->bytes;

    for (size_t line = 0; line < mark.line && at; line++) {
        at = memchr(at, '\n', (size_t)(end - at));
        at = at ? at + 1 : NULL;
    }
    /* Only blanks can precede a tab in an indentation, so columns are bytes here. */
    return at && mark.column < (size_t)(end - at) && at[mark.column] == '\t';
}

static bool is_at_end(const struct reader *reader, yaml_mark_t mark)
{
    size_t line = 0;

    for (size_t i = 0; i < reader->bytes; i++)
        line += reader->text[i] == '\n';
    return mark.line > line || (mark.line == line && mark.column == 0 && line > 0);
}

static bool fail_syntax(struct reader *reader, const yaml_parser_t *parser)
{
    const char *problem = parser->problem;
    struct place place;

    if (parser->error == YAML_MEMORY_ERROR || problem == NULL)
        check_no_memory(" reading YAML");

    if (parser->error == YAML_READER_ERROR) {
        place = place_of_offset(reader, parser->problem_offset);
        diag_error(reader->diag, place, "not valid YAML: %s", problem);
        return false;
    }
    /* For an error at the end of the text, the beginning of the unclosed construct is more useful. */
    place = place_of(reader, is_at_end(reader, parser->problem_mark) && parser->context ? parser->context_mark
                                                                                        : parser->problem_mark);
    if (is_tab(reader, parser->problem_mark))
        diag_error(reader->diag, place, "tabs are not allowed in indentation");
    else if (parser->context)
        diag_error(reader->diag, place, "not valid YAML: %s %s", problem, parser->context);
    else
        diag_error(reader->diag, place, "not valid YAML: %s", problem);
    return false;
}

static bool fail_full(struct reader *reader, struct place place)
{
    diag_error(reader->diag, place,
               "more than %d values: too large for a scenario (or an alias that multiplies itself)", YAML_NODES_MAX);
    return false;
}

/* Adds a new node to the open container. */
static bool attach(struct reader *reader, struct node *node)
{
    struct node *parent = reader->open;

    if (!parent) {
        reader->root = node;
        return true;
    }
    if (parent->kind == NODE_LIST)
        return node_append(reader->tree, parent, node, NULL, node->place);
    CHECK(reader->has_key);
    reader->has_key = false;
    /* The duplicate key was reported. Its value is not added to the map, but needs its parent to return to. */
    if (reader->is_duplicate)
        node->parent = parent;
    else
        return node_append(reader->tree, parent, node, reader->key, reader->key_place);
    return true;
}

static bool add_anchor(struct reader *reader, const yaml_char_t *name, struct node *node)
{
    struct node *copy;

    if (!name)
        return true;
    if (reader->anchor_count == ANCHORS_MAX) {
        diag_error(reader->diag, node->place, "more than %d anchors", ANCHORS_MAX);
        return false;
    }
    copy = node_scalar(reader->tree, node->place, (const char *)name, strlen((const char *)name));
    if (!copy)
        return fail_full(reader, node->place);
    reader->anchors[reader->anchor_count++] = (struct anchor){ copy->text, node };
    return true;
}

/* Refuses what an escape in quotes may bring in: zero bytes, and control characters other than the `allowed`. */
static bool check_text(const struct reader *reader, const yaml_event_t *event, struct place place, const char *what,
                       const char *allowed)
{
    const char *text = (const char *)event->data.scalar.value, *end = text + event->data.scalar.length;

    for (const char *at = text; (at = control_find(at, end)) != NULL; at++) {
        if (*at == '\0')
            diag_error(reader->diag, place, "%s contains a zero byte", what);
        else if (!strchr(allowed, *at))
            diag_error(reader->diag, place, "%s contains the control character U+%04X", what,
                       control_code(at, control_bytes(at, end)));
        else
            continue;
        return false;
    }
    return true;
}

static bool read_key(struct reader *reader, const yaml_event_t *event)
{
    struct place place = place_of(reader, event->start_mark);
    struct node *text, *first;
    char path[256];

    if (event->type != YAML_SCALAR_EVENT) {
        node_path(reader->open, path, sizeof(path));
        diag_error(reader->diag, place, "a key must be a name%s%s", *path ? " at " : "", path);
        return false;
    }
    if (!strcmp((const char *)event->data.scalar.value, "<<") && event->data.scalar.plain_implicit) {
        diag_error(reader->diag, place, "merge keys are not supported: use the section 'defaults'");
        return false;
    }
    if (!check_text(reader, event, place, "a key", ""))
        return false;
    if (reader->open->child_count >= YAML_KEYS_MAX) {
        diag_error(reader->diag, place, "more than %d keys in one map", YAML_KEYS_MAX);
        return false;
    }
    text = node_scalar(reader->tree, place, (const char *)event->data.scalar.value, event->data.scalar.length);
    if (!text)
        return fail_full(reader, place);
    first = node_find(reader->open, text->text);
    reader->is_duplicate = first != NULL;
    if (first)
        diag_error(reader->diag, place, "duplicate key '%.80s' at %s (the first is in line %u)", text->text,
                   node_path(first, path, sizeof(path)), first->key_place.line);
    reader->has_key = true;
    reader->key = text->text;
    reader->key_place = place;
    return true;
}

static bool read_scalar(struct reader *reader, const yaml_event_t *event)
{
    struct place place = place_of(reader, event->start_mark);
    size_t bytes = event->data.scalar.length;
    struct node *node;

    if (!check_text(reader, event, place, "a text", "\t\n"))
        return false;
    if (event->data.scalar.tag) {
        diag_error(reader->diag, place, "tags (%.40s) are not supported", (const char *)event->data.scalar.tag);
        return false;
    }
    node = node_scalar(reader->tree, place, (const char *)event->data.scalar.value, bytes);
    if (!node)
        return fail_full(reader, place);
    node->is_quoted = event->data.scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE ||
                      event->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
    return attach(reader, node) && add_anchor(reader, event->data.scalar.anchor, node);
}

static bool read_start(struct reader *reader, const yaml_event_t *event)
{
    bool is_map = event->type == YAML_MAPPING_START_EVENT;
    const yaml_char_t *anchor = is_map ? event->data.mapping_start.anchor : event->data.sequence_start.anchor;
    const yaml_char_t *tag = is_map ? event->data.mapping_start.tag : event->data.sequence_start.tag;
    struct place place = place_of(reader, event->start_mark);
    struct node *node;

    if (tag) {
        diag_error(reader->diag, place, "tags (%.40s) are not supported", (const char *)tag);
        return false;
    }
    if (reader->depth == YAML_DEPTH_MAX) {
        diag_error(reader->diag, place, "nested deeper than %d levels", YAML_DEPTH_MAX);
        return false;
    }
    node = node_container(reader->tree, place, is_map ? NODE_MAP : NODE_LIST);
    if (!node)
        return fail_full(reader, place);
    if (!attach(reader, node) || !add_anchor(reader, anchor, node))
        return false;
    reader->open = node;
    reader->depth++;
    return true;
}

static bool is_within(const struct node *node, const struct node *ancestor)
{
    for (; node; node = node->parent) {
        if (node == ancestor)
            return true;
    }
    return false;
}

static uint32_t height(const struct node *node)
{
    uint32_t highest = 0;

    for (const struct node *child = node->first; child; child = child->next) {
        uint32_t below = height(child);

        highest = below > highest ? below : highest;
    }
    return highest + (node->kind != NODE_SCALAR);
}

static bool read_alias(struct reader *reader, const yaml_event_t *event)
{
    struct place place = place_of(reader, event->start_mark);
    const char *name = (const char *)event->data.alias.anchor;
    const struct node *target = NULL;
    struct node *copy;

    for (uint32_t i = 0; i < reader->anchor_count; i++) {
        if (!strcmp(reader->anchors[i].name, name))
            target = reader->anchors[i].node;
    }
    if (!target) {
        diag_error(reader->diag, place, "alias '*%.40s' has no anchor '&%.40s' before it", name, name);
        return false;
    }
    if (is_within(reader->open, target)) {
        diag_error(reader->diag, place, "alias '*%.40s' is inside its own anchor", name);
        return false;
    }
    if (reader->depth + height(target) > YAML_DEPTH_MAX) {
        diag_error(reader->diag, place, "nested deeper than %d levels", YAML_DEPTH_MAX);
        return false;
    }
    copy = node_copy(reader->tree, target);
    return copy ? attach(reader, copy) : fail_full(reader, place);
}

static void close_container(struct reader *reader)
{
    CHECK(reader->open && reader->depth > 0);
    reader->open = reader->open->parent;
    reader->depth--;
    reader->has_key = false;
}

static bool read_event(struct reader *reader, const yaml_event_t *event)
{
    bool is_end = event->type == YAML_MAPPING_END_EVENT || event->type == YAML_SEQUENCE_END_EVENT;

    if (event->type == YAML_DOCUMENT_START_EVENT && reader->root) {
        diag_error(reader->diag, place_of(reader, event->start_mark), "a second document: one file is one scenario");
        return false;
    }
    if (reader->open && reader->open->kind == NODE_MAP && !reader->has_key && !is_end)
        return read_key(reader, event);
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return read_scalar(reader, event);
    case YAML_MAPPING_START_EVENT:
    case YAML_SEQUENCE_START_EVENT:
        return read_start(reader, event);
    case YAML_ALIAS_EVENT:
        return read_alias(reader, event);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        close_container(reader);
        return true;
    default:
        return true;
    }
}

struct node *yaml_read(struct yaml_tree *tree, const char *text, size_t bytes, struct place origin, struct diag *diag)
{
    struct reader reader = { .tree = tree, .diag = diag, .origin = origin, .text = text, .bytes = bytes };
    bool is_good = true, is_done = false;
    yaml_parser_t parser;

    /* libyaml treats a byte order mark as text when the encoding is set explicitly. */
    if (bytes >= 3 && !memcmp(text, "\xEF\xBB\xBF", 3)) {
        reader.text = text += 3;
        reader.bytes = bytes -= 3;
    }
    CHECK(yaml_parser_initialize(&parser));
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, bytes);
    while (is_good && !is_done) {
        yaml_event_t event;

        if (!yaml_parser_parse(&parser, &event)) {
            is_good = fail_syntax(&reader, &parser);
            break;
        }
        is_done = event.type == YAML_STREAM_END_EVENT;
        is_good = read_event(&reader, &event);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    if (is_good && !reader.root)
        reader.root = node_container(tree, origin, NODE_MAP);
    return is_good ? reader.root : NULL;
}
