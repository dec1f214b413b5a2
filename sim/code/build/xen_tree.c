/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds out what a Xen tree has.
 */
#define _GNU_SOURCE
#include "code/build/xen_tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "code/build/programs.h"
#include "code/build/workspace.h"

/* Candidates, the newest place first. */
static const char *const candidates[XEN_PARTS][2] = {
    [XEN_TASKLET] = { "xen/common/tasklet.c" },
    [XEN_DPCI] = { "xen/drivers/passthrough/x86/hvm.c", "xen/drivers/passthrough/io.c" },
    [XEN_SOFTIRQ] = { "xen/common/softirq.c" },
    [XEN_VMSI] = { "xen/arch/x86/hvm/vmsi.c" },
    [XEN_IRQ] = { "xen/arch/x86/hvm/irq.c" },
};

static bool has(const struct xen_tree *tree, const char *path)
{
    char full[4096];

    return (size_t)snprintf(full, sizeof(full), "%s/%s", tree->root, path) < sizeof(full) && file_exists(full);
}

static bool has_root(struct xen_tree *tree, const char *path, const char *below)
{
    char *full;

    CHECK(asprintf(&full, "%s/%s", path, below) > 0);
    tree->root = realpath(full, NULL);
    free(full);
    if (tree->root && has(tree, candidates[XEN_TASKLET][0]))
        return true;
    free(tree->root);
    tree->root = NULL;
    return false;
}

bool xen_tree_open(struct xen_tree *tree, const char *path, char *message, size_t message_bytes)
{
    *tree = (struct xen_tree){ 0 };
    if (!has_root(tree, path, ".") && !has_root(tree, path, "..")) {
        snprintf(message, message_bytes, "%s: no Xen tree: it has no %s", path, candidates[XEN_TASKLET][0]);
        return false;
    }
    if (has(tree, "xen/arch/x86/include/asm/current.h")) {
        tree->headers = "xen/arch/x86/include";
        tree->asm_folder = "xen/arch/x86/include/asm";
    } else if (has(tree, "xen/include/asm-x86/current.h")) {
        tree->asm_folder = "xen/include/asm-x86";
    } else {
        snprintf(message, message_bytes, "%s: no Xen tree: it has no headers of x86", path);
        return false;
    }
    for (size_t part = 0; part < XEN_PARTS; part++)
        for (size_t i = 0; i < 2 && candidates[part][i] && !tree->paths[part]; i++)
            if (has(tree, candidates[part][i]))
                tree->paths[part] = candidates[part][i];
    return true;
}

void xen_tree_close(struct xen_tree *tree)
{
    free(tree->root);
    tree->root = NULL;
}

/* Whether `name` is the path, with or without xen/, or its end after a slash. */
static bool is_named(const char *path, const char *name)
{
    size_t path_bytes = strlen(path), name_bytes = strlen(name);

    return path_bytes >= name_bytes && !strcmp(path + path_bytes - name_bytes, name) &&
           (path_bytes == name_bytes || path[path_bytes - name_bytes - 1] == '/');
}

static bool select_one(const struct xen_tree *tree, const char *name, bool is_selected[XEN_PARTS])
{
    bool is_found = false;

    for (size_t part = 0; part < XEN_PARTS; part++) {
        if (tree->paths[part] && (!strcmp(name, "all") || is_named(tree->paths[part], name)))
            is_found = is_selected[part] = true;
    }
    return is_found;
}

static bool fail_select(const struct xen_tree *tree, const char *name, char *message, size_t message_bytes)
{
    int used = snprintf(message, message_bytes, "--files: the tree has no '%.80s' that can be built; it has", name);

    for (size_t part = 0; part < XEN_PARTS; part++)
        if (tree->paths[part] && used > 0 && (size_t)used < message_bytes)
            used += snprintf(message + used, message_bytes - (size_t)used, " %s", tree->paths[part] + strlen("xen/"));
    return false;
}

bool xen_tree_select(const struct xen_tree *tree, const char *files, bool is_selected[XEN_PARTS], char *message,
                     size_t message_bytes)
{
    struct words names = { 0 };
    bool is_good = true;

    memset(is_selected, 0, XEN_PARTS * sizeof(*is_selected));
    words_split(&names, files, ", ");
    for (size_t i = 0; i < names.count && is_good; i++)
        is_good =
            select_one(tree, names.items[i], is_selected) || fail_select(tree, names.items[i], message, message_bytes);
    if (is_good && names.count == 0)
        is_good = fail_select(tree, files, message, message_bytes);
    words_free(&names);
    if (is_good && (is_selected[XEN_VMSI] || is_selected[XEN_IRQ]) && !is_selected[XEN_DPCI]) {
        snprintf(message, message_bytes, "--files: vmsi.c and hvm/irq.c are reached through %s, which is missing",
                 tree->paths[XEN_DPCI] ? tree->paths[XEN_DPCI] + strlen("xen/") : "the dPCI code");
        return false;
    }
    return is_good;
}

bool xen_tree_find(const struct xen_tree *tree, const char *paths, char *found, size_t found_bytes)
{
    struct words words = { 0 };
    bool is_found = false;

    words_split(&words, paths, " ");
    for (size_t i = 0; i < words.count && !is_found; i++) {
        is_found = has(tree, words.items[i]);
        if (is_found)
            snprintf(found, found_bytes, "%s", words.items[i]);
    }
    words_free(&words);
    return is_found;
}

static char *read_in(const struct xen_tree *tree, const char *name)
{
    char *path, *text;

    CHECK(asprintf(&path, "%s/%s", tree->root, name) > 0);
    text = file_read(path);
    free(path);
    return text;
}

/* The value behind "NAME ... =" in a Makefile, up to a blank. */
static void makefile_value(const char *text, const char *name, char *value, size_t value_bytes)
{
    const char *place = strstr(text, name);

    place = place ? strchr(place, '=') : NULL;
    place = place ? place + 1 + strspn(place + 1, " \t") : "?";
    snprintf(value, value_bytes, "%.*s", (int)strcspn(place, " \t\n$"), place);
}

static char *makefile_version(const struct xen_tree *tree)
{
    char *makefile = read_in(tree, "xen/Makefile"), major[16], minor[16], extra[32], *version;

    makefile_value(makefile ? makefile : "", "XEN_VERSION", major, sizeof(major));
    makefile_value(makefile ? makefile : "", "XEN_SUBVERSION", minor, sizeof(minor));
    makefile_value(makefile ? makefile : "", "XEN_EXTRAVERSION", extra, sizeof(extra));
    CHECK(asprintf(&version, "%s.%s%s", major, minor, extra) > 0);
    free(makefile);
    return version;
}

static char *package_version(const struct xen_tree *tree)
{
    char *changelog = read_in(tree, "debian/changelog"), *open, *version = NULL;

    open = changelog ? strchr(changelog, '(') : NULL;
    if (open && strchr(open, ')') && open < strchr(changelog, '\n'))
        CHECK(asprintf(&version, "%.*s", (int)strcspn(open + 1, ")"), open + 1) >= 0);
    free(changelog);
    return version;
}

char *xen_tree_version(const struct xen_tree *tree)
{
    struct program git = { 0 };
    char *version = NULL;

    if (has(tree, ".git")) {
        words_split(&git.arguments, "git describe --always --dirty", " ");
        git.directory = tree->root;
        programs_run(&git, 1, 1);
        if (git.status == 0 && strchr(git.output, '\n'))
            CHECK(asprintf(&version, "%.*s", (int)strcspn(git.output, "\n"), git.output) >= 0);
        program_free(&git);
    }
    version = version ? version : package_version(tree);
    return version ? version : makefile_version(tree);
}

/* The text of a row's file, such as asm/domain.h, xen/sched.h or tree/xen/common/softirq.c. */
static char *header_text(const struct xen_tree *tree, const char *header)
{
    char *path, *text;

    if (!strncmp(header, "tree/", 5))
        CHECK(asprintf(&path, "%s", header + 5) > 0);
    else if (!strncmp(header, "asm/", 4))
        CHECK(asprintf(&path, "%s/%s", tree->asm_folder, header + 4) > 0);
    else
        CHECK(asprintf(&path, "xen/include/%s", header) > 0);
    text = read_in(tree, path);
    free(path);
    return text;
}

static void add_feature(const struct xen_tree *tree, char *row, struct words *flags)
{
    char *header = row + strcspn(row, " "), *wanted, *text;

    if (*row == '#' || *header == '\0')
        return;
    *header++ = '\0';
    header += strspn(header, " ");
    wanted = header + strcspn(header, " ");
    if (*wanted == '\0')
        return;
    *wanted++ = '\0';
    wanted += strspn(wanted, " ");
    text = header_text(tree, header);
    if (text && strstr(text, wanted))
        words_add(flags, "-DIRQPATH_%s", row);
    free(text);
}

bool xen_tree_features(const struct xen_tree *tree, const char *list, struct words *flags)
{
    char *text = file_read(list);
    struct words rows = { 0 };

    if (!text)
        return false;
    words_split(&rows, text, "\n");
    for (size_t i = 0; i < rows.count; i++)
        add_feature(tree, rows.items[i], flags);
    words_free(&rows);
    free(text);
    return true;
}
