/* SPDX-License-Identifier: Apache-2.0
 *
 * The nodes of a YAML tree: allocation in chunks that are freed together, links, paths, text. The parser is
 * yaml_read.c.
 */
#define _GNU_SOURCE
#include "scenario/yaml_tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "scenario/yaml_text.h"

#define CHUNK_BYTES 65536

struct yaml_chunk {
    struct yaml_chunk *next;
    size_t used, bytes;
    _Alignas(16) char memory[];
};

void yaml_tree_init(struct yaml_tree *tree)
{
    tree->chunks = NULL;
    tree->node_count = 0;
}

void yaml_tree_free(struct yaml_tree *tree)
{
    while (tree->chunks) {
        struct yaml_chunk *next = tree->chunks->next;

        free(tree->chunks);
        tree->chunks = next;
    }
    yaml_tree_init(tree);
}

static void *take(struct yaml_tree *tree, size_t bytes)
{
    struct yaml_chunk *chunk = tree->chunks;
    void *memory;

    bytes = (bytes + 15) & ~(size_t)15;
    if (!chunk || chunk->bytes - chunk->used < bytes) {
        size_t chunk_bytes = bytes > CHUNK_BYTES ? bytes : CHUNK_BYTES;

        chunk = malloc(sizeof(*chunk) + chunk_bytes);
        CHECK(chunk != NULL);
        *chunk = (struct yaml_chunk){ .next = tree->chunks, .used = 0, .bytes = chunk_bytes };
        tree->chunks = chunk;
    }
    memory = chunk->memory + chunk->used;
    chunk->used += bytes;
    return memory;
}

static const char *take_text(struct yaml_tree *tree, const char *text, size_t bytes)
{
    char *copy = take(tree, bytes + 1);

    memcpy(copy, text, bytes);
    copy[bytes] = '\0';
    return copy;
}

struct node *node_container(struct yaml_tree *tree, struct place place, enum node_kind kind)
{
    struct node *node;

    if (tree->node_count == YAML_NODES_MAX)
        return NULL;
    tree->node_count++;
    node = take(tree, sizeof(*node));
    *node = (struct node){ .kind = kind, .place = place };
    return node;
}

struct node *node_scalar(struct yaml_tree *tree, struct place place, const char *text, size_t bytes)
{
    struct node *node = node_container(tree, place, NODE_SCALAR);

    if (node)
        node->text = take_text(tree, text, bytes);
    return node;
}

bool node_append(struct yaml_tree *tree, struct node *parent, struct node *child, const char *key,
                 struct place key_place)
{
    CHECK(child && !child->parent && !child->next && (parent->kind == NODE_MAP) == (key != NULL));
    CHECK(parent->kind != NODE_SCALAR);
    child->parent = parent;
    child->key = key ? take_text(tree, key, strlen(key)) : NULL;
    child->key_place = key_place;
    child->index = parent->child_count++;
    if (parent->last)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
    return true;
}

struct node *node_copy(struct yaml_tree *tree, const struct node *node)
{
    struct node *copy = node_container(tree, node->place, node->kind);

    if (!copy)
        return NULL;
    copy->is_quoted = node->is_quoted;
    if (node->kind == NODE_SCALAR)
        copy->text = take_text(tree, node->text, strlen(node->text));
    for (const struct node *child = node->first; child; child = child->next) {
        struct node *child_copy = node_copy(tree, child);

        if (!child_copy)
            return NULL;
        node_append(tree, copy, child_copy, child->key, child->key_place);
    }
    return copy;
}

void node_replace(struct node *node, struct node *replacement)
{
    struct node *parent = node->parent, **link;

    CHECK(parent && !replacement->parent);
    for (link = &parent->first; *link != node; link = &(*link)->next)
        continue;
    *link = replacement;
    if (parent->last == node)
        parent->last = replacement;
    replacement->next = node->next;
    replacement->parent = parent;
    replacement->key = node->key;
    replacement->key_place = node->key_place;
    replacement->index = node->index;
    node->parent = node->next = NULL;
}

void node_remove(struct node *node)
{
    struct node *parent = node->parent, *before = NULL;

    CHECK(parent);
    for (struct node *child = parent->first; child != node; child = child->next)
        before = child;
    if (before)
        before->next = node->next;
    else
        parent->first = node->next;
    if (parent->last == node)
        parent->last = before;
    for (struct node *later = node->next; later && parent->kind == NODE_LIST; later = later->next)
        later->index--;
    parent->child_count--;
    node->parent = node->next = NULL;
}

struct node *node_find(const struct node *map, const char *key)
{
    if (!map || map->kind != NODE_MAP)
        return NULL;
    for (struct node *child = map->first; child; child = child->next) {
        if (!strcmp(child->key, key))
            return child;
    }
    return NULL;
}

const char *node_path(const struct node *node, char *text, size_t text_bytes)
{
    const struct node *chain[YAML_DEPTH_MAX + YAML_PATH_MAX];
    size_t depth = 0, used = 0;

    CHECK(text_bytes > 0);
    text[0] = '\0';
    for (; node->parent; node = node->parent) {
        CHECK(depth < YAML_DEPTH_MAX + YAML_PATH_MAX);
        chain[depth++] = node;
    }
    while (depth-- > 0 && used < text_bytes) {
        if (chain[depth]->key)
            used += (size_t)snprintf(text + used, text_bytes - used, ".%.80s", chain[depth]->key);
        else
            used += (size_t)snprintf(text + used, text_bytes - used, "[%u]", chain[depth]->index);
    }
    return text;
}

static void write_flow(const struct node *node, FILE *stream)
{
    if (node->kind == NODE_SCALAR) {
        yaml_text_write(node->text, stream);
        return;
    }
    fputc(node->kind == NODE_MAP ? '{' : '[', stream);
    for (const struct node *child = node->first; child; child = child->next) {
        if (child->key) {
            yaml_text_write(child->key, stream);
            fputs(": ", stream);
        }
        write_flow(child, stream);
        if (child->next)
            fputs(", ", stream);
    }
    fputc(node->kind == NODE_MAP ? '}' : ']', stream);
}

char *node_flow_text(const struct node *node)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *stream = open_memstream(&text, &bytes);

    CHECK(stream != NULL);
    write_flow(node, stream);
    CHECK(fclose(stream) == 0);
    return text;
}
