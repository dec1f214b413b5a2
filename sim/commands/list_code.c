/* SPDX-License-Identifier: Apache-2.0
 *
 * What a code object is: its rows, what of the model its files replace, and what it lacks.
 */
#include "commands/list_code.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "code/code.h"
#include "code/object.h"
#include "models/registry.h"
#include "result/report.h"

static const char *const keys[] = { "family", "compiler", "flags", "tree", "commit" };

static const struct family *family_of(const struct code_object *object)
{
    for (size_t i = 0; i < family_count; i++)
        if (strcmp(families[i]->name, code_object_info(object, "family")) == 0)
            return families[i];
    return NULL;
}

/* "" for a file of which nothing in the model is known. */
static const char *replaced_by(const struct family *family, const char *file)
{
    for (const struct code_part *part = family != NULL ? family->code_parts : NULL; part != NULL && part->file != NULL;
         part++) {
        size_t bytes = strlen(file), part_bytes = strlen(part->file);
        if (bytes >= part_bytes && strcmp(file + bytes - part_bytes, part->file) == 0)
            return part->replaces;
    }
    return "";
}

static json_t *files_of(const struct code_object *object, const struct family *family)
{
    const char *at = code_object_info(object, "files");
    json_t *files = json_array();
    char file[256];

    for (at += strspn(at, " "); *at != '\0'; at += strspn(at, " ")) {
        size_t bytes = strcspn(at, " ");
        (void)snprintf(file, sizeof file, "%.*s", (int)bytes, at);
        json_array_append_new(files, json_pack("{s:s, s:s}", "file", file, "replaces", replaced_by(family, file)));
        at += bytes;
    }
    return files;
}

static json_t *undefined_of(const struct code_object *object, const struct family *family)
{
    json_t *names = json_array();

    for (size_t i = 1; i < object->symbol_count; i++) {
        const Elf64_Sym *symbol = &object->symbols[i];
        const char *name = object->symbol_names + symbol->st_name;
        if (symbol->st_shndx == SHN_UNDEF && *name != '\0' && ELF64_ST_BIND(symbol->st_info) != STB_WEAK &&
            !code_is_implemented(name, family != NULL ? family->code_imports : NULL))
            json_array_append_new(names, json_string(name));
    }
    return names;
}

static void print_lines(const struct code_object *object, const json_t *files, const json_t *undefined)
{
    const json_t *entry;
    size_t index;

    printf("%-9s %s\n", "hash", object->hash);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        printf("%-9s %s\n", keys[i], code_object_info(object, keys[i]));
    json_array_foreach(files, index, entry)
    {
        const char *replaces = json_string_value(json_object_get(entry, "replaces"));
        printf("%-9s %s: %s\n", index == 0 ? "files" : "", json_string_value(json_object_get(entry, "file")),
               *replaces != '\0' ? replaces : "nothing by itself");
    }
    json_array_foreach(undefined, index, entry)
        printf("%-9s %s\n", index == 0 ? "undefined" : "", json_string_value(entry));
}

int list_code(const struct cli *cli)
{
    struct code_object *object;
    char message[400];

    if (cli->argument_count < 2) {
        cli_error(cli, "missing argument: irqpath list code OBJECT");
        return EXIT_CODE_USAGE;
    }
    object = code_object_open(cli->arguments[1], message, sizeof message);
    if (object == NULL) {
        cli_error(cli, "%s", message);
        return EXIT_CODE_USAGE;
    }
    const struct family *family = family_of(object);
    json_t *files = files_of(object, family), *undefined = undefined_of(object, family);
    if (cli->wants_json) {
        json_t *document = json_pack("{s:s, s:s, s:O, s:O}", "path", object->path, "hash", object->hash, "files", files,
                                     "undefined", undefined);
        for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
            json_object_set_new(document, keys[i], json_string(code_object_info(object, keys[i])));
        json_print_document(json_pack("{s:o}", "code", document), "list", stdout);
    } else {
        print_lines(object, files, undefined);
    }
    json_decref(files);
    json_decref(undefined);
    code_object_close(object);
    return EXIT_CODE_OK;
}
