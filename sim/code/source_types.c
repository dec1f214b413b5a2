/* SPDX-License-Identifier: Apache-2.0
 *
 * Variables and members of types. A path of members is found by descending from a type to the member that holds an
 * offset, until a scalar is reached.
 */
#define _GNU_SOURCE
#include <dwarf.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "code/source_index.h"

/* --- reading --- */

static bool die_type(Dwarf_Die *die, Dwarf_Die *type)
{
    Dwarf_Attribute attribute;

    return dwarf_formref_die(dwarf_attr_integrate(die, DW_AT_type, &attribute), type) != NULL &&
           dwarf_peel_type(type, type) == 0;
}

static size_t die_bytes(Dwarf_Die *die)
{
    Dwarf_Word bytes;

    return dwarf_aggregate_size(die, &bytes) == 0 ? bytes : 0;
}

static bool variable_address(Dwarf_Die *die, Dwarf_Addr *address)
{
    Dwarf_Attribute location, operand;
    Dwarf_Op *op;
    size_t count;

    if (dwarf_attr(die, DW_AT_location, &location) == NULL || dwarf_getlocation(&location, &op, &count) != 0 ||
        count != 1)
        return false;
    if (op->atom == DW_OP_addr) {
        *address = op->number;
        return true;
    }
    return (op->atom == DW_OP_addrx || op->atom == DW_OP_GNU_addr_index) &&
           dwarf_getlocation_attr(&location, op, &operand) == 0 && dwarf_formaddr(&operand, address) == 0;
}

void source_read_variable(struct code_source *source, Dwarf_Die *die)
{
    struct source_variable variable = { .name = dwarf_diename(die) };
    Dwarf_Addr address;

    if (variable.name == NULL || !variable_address(die, &address) || address == 0 ||
        address >= source->object->image_bytes || !die_type(die, &variable.die))
        return;
    variable.from = (uint32_t)address;
    variable.bytes = (uint32_t)die_bytes(&variable.die);
    source->variables = array_grown(source->variables, source->variable_count, sizeof(variable));
    source->variables[source->variable_count++] = variable;
}

void source_read_type(struct code_source *source, Dwarf_Die *die)
{
    struct source_type type = { ' ', dwarf_diename(die), *die };

    if (type.name == NULL || dwarf_hasattr(die, DW_AT_declaration))
        return;
    switch (dwarf_tag(die)) {
    case DW_TAG_structure_type:
        type.kind = 's';
        break;
    case DW_TAG_union_type:
        type.kind = 'u';
        break;
    case DW_TAG_enumeration_type:
        type.kind = 'e';
        break;
    default:
        break;
    }
    source->types = array_grown(source->types, source->type_count, sizeof(type));
    source->types[source->type_count++] = type;
}

static int compare_types(const void *left, const void *right)
{
    const struct source_type *a = left, *b = right;

    return a->kind != b->kind ? a->kind - b->kind : strcmp(a->name, b->name);
}

void source_sort_types(struct code_source *source)
{
    if (source->type_count > 0)
        qsort(source->types, source->type_count, sizeof(*source->types), compare_types);
}

static bool find_type(const struct code_source *source, const char *name, Dwarf_Die *die)
{
    static const struct {
        char kind;
        const char *word;
    } words[] = { { 's', "struct " }, { 'u', "union " }, { 'e', "enum " }, { ' ', "" } };
    struct source_type key = { .kind = ' ' };

    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (strncmp(name, words[i].word, strlen(words[i].word)) == 0) {
            key.kind = words[i].kind;
            key.name = name + strlen(words[i].word);
            break;
        }
    const struct source_type *found =
        source->type_count > 0 ? bsearch(&key, source->types, source->type_count, sizeof(*source->types), compare_types)
                               : NULL;
    if (found == NULL)
        return false;
    *die = found->die;
    return dwarf_peel_type(die, die) == 0;
}

/* --- paths of members --- */

/* Damaged debug information may have types that contain themselves. */
#define DESCENTS_MAX 1000

struct path {
    char *text;
    size_t bytes, length;
    unsigned descents;
};

__attribute__((format(printf, 2, 3))) static void path_add(struct path *path, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int length = vsnprintf(path->text + path->length, path->bytes - path->length, format, arguments);
    va_end(arguments);
    path->length += (size_t)length;
    if (path->length >= path->bytes)
        path->length = path->bytes - 1;
}

static Dwarf_Word number_of(Dwarf_Die *die, unsigned name)
{
    Dwarf_Attribute attribute;
    Dwarf_Word value;

    return dwarf_formudata(dwarf_attr(die, name, &attribute), &value) == 0 ? value : 0;
}

/* The bytes that a member takes, from the beginning of its structure. */
static bool member_extent(Dwarf_Die *member, Dwarf_Die *type, size_t *from, size_t *to)
{
    Dwarf_Word bit = number_of(member, DW_AT_data_bit_offset), bits = number_of(member, DW_AT_bit_size);

    if (!die_type(member, type))
        return false;
    *from = number_of(member, DW_AT_data_member_location); /* a union's members have none */
    *to = *from + die_bytes(type);
    if (bits > 0) {
        if (dwarf_hasattr(member, DW_AT_bit_offset)) /* DWARF 4 counts from the highest bit */
            bit = *to * 8 - number_of(member, DW_AT_bit_offset) - bits;
        *from = bit / 8;
        *to = (bit + bits + 7) / 8;
    }
    return true;
}

static bool descend(Dwarf_Die *type, size_t offset, struct path *path);

/* An array without a bound, at the end of a structure, holds every offset behind it. */
static bool is_open_array(Dwarf_Die *type) { return dwarf_tag(type) == DW_TAG_array_type && die_bytes(type) == 0; }

static bool descend_member(Dwarf_Die *structure, size_t offset, struct path *path)
{
    Dwarf_Die member, type;
    size_t from, to, length = path->length;

    if (dwarf_child(structure, &member) != 0)
        return false;
    do {
        if (dwarf_tag(&member) != DW_TAG_member || !member_extent(&member, &type, &from, &to) || offset < from ||
            (offset >= to && !is_open_array(&type)))
            continue;
        const char *name = dwarf_diename(&member);
        if (name != NULL)
            path_add(path, "%s%s", path->length > 0 ? "." : "", name);
        if (dwarf_hasattr(&member, DW_AT_bit_size) || descend(&type, offset - from, path))
            return true;
        path->length = length;
        path->text[length] = '\0';
    } while (dwarf_siblingof(&member, &member) == 0);
    return false;
}

/* Whether the last member of a structure is an array without a bound. */
static bool ends_open(Dwarf_Die *structure)
{
    Dwarf_Die member, type;
    bool is_open = false;

    if (dwarf_tag(structure) != DW_TAG_structure_type || dwarf_child(structure, &member) != 0)
        return false;
    do
        if (dwarf_tag(&member) == DW_TAG_member && die_type(&member, &type))
            is_open = is_open_array(&type);
    while (dwarf_siblingof(&member, &member) == 0);
    return is_open;
}

/* The number of elements of the dimensions that follow this one. */
static size_t elements_behind(Dwarf_Die *dimension)
{
    Dwarf_Die next = *dimension;
    size_t elements = 1;

    while (dwarf_siblingof(&next, &next) == 0)
        elements *=
            dwarf_hasattr(&next, DW_AT_count) ? number_of(&next, DW_AT_count) : number_of(&next, DW_AT_upper_bound) + 1;
    return elements;
}

static bool descend_array(Dwarf_Die *array, size_t offset, struct path *path)
{
    Dwarf_Die element, dimension;
    size_t bytes;

    if (!die_type(array, &element) || (bytes = die_bytes(&element)) == 0 || dwarf_child(array, &dimension) != 0)
        return false;
    do {
        size_t stride = bytes * elements_behind(&dimension);
        if (stride == 0)
            return false;
        path_add(path, "[%zu]", offset / stride);
        offset %= stride;
    } while (dwarf_siblingof(&dimension, &dimension) == 0);
    return descend(&element, offset, path);
}

static bool descend(Dwarf_Die *type, size_t offset, struct path *path)
{
    if (++path->descents > DESCENTS_MAX)
        return false;
    switch (dwarf_tag(type)) {
    case DW_TAG_structure_type:
    case DW_TAG_union_type:
        return descend_member(type, offset, path);
    case DW_TAG_array_type:
        return descend_array(type, offset, path);
    default:
        break;
    }
    if (offset >= die_bytes(type))
        return false;
    if (offset > 0)
        path_add(path, "+%zu", offset);
    return true;
}

/* --- public --- */

bool code_source_member(struct code_source *source, const char *type, size_t offset, char *text, size_t text_bytes)
{
    struct path path = { text, text_bytes, 0, 0 };
    Dwarf_Die die;
    size_t bytes;

    text[0] = '\0';
    if (!find_type(source, type, &die))
        return false;
    bytes = die_bytes(&die);
    if (offset >= bytes && bytes > 0 && !ends_open(&die)) {
        path_add(&path, "[%zu]", offset / bytes);
        offset %= bytes;
    }
    return descend(&die, offset, &path);
}

bool code_source_variable(struct code_source *source, size_t offset, char *text, size_t text_bytes)
{
    size_t from = 0, to = source->variable_count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (source->variables[middle].from <= offset)
            from = middle + 1;
        else
            to = middle;
    }
    struct source_variable *variable = from == 0 ? NULL : &source->variables[from - 1];
    if (variable == NULL || (offset >= variable->from + variable->bytes && !is_open_array(&variable->die)))
        return false;
    (void)snprintf(text, text_bytes, "%s", variable->name);
    struct path path = { text, text_bytes, strlen(text), 0 };
    if (!descend(&variable->die, offset - variable->from, &path))
        text[strlen(variable->name) < text_bytes ? strlen(variable->name) : text_bytes - 1] = '\0';
    return true;
}
