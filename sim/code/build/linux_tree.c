/* SPDX-License-Identifier: Apache-2.0
 *
 * Configures a Linux tree, and runs its make.
 */
#define _GNU_SOURCE
#include "code/build/linux_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/check.h"
#include "code/build/programs.h"
#include "code/build/workspace.h"

/* Of these one is in every tree in which a kernel has been built; its make refuses another folder then. */
static const char *const built[] = { ".config", "include/config/auto.conf", "arch/x86/include/generated/asm" };
/* Without these the files do not compile, or nothing sees their accesses. */
static const char *const needed[] = { "CONFIG_KCSAN=y", "CONFIG_KVM=y", "CONFIG_VFIO_PCI=y",
                                      "CONFIG_DEBUG_SPINLOCK=y" };

static char *path_of(const char *folder, const char *name)
{
    char *path;

    CHECK(asprintf(&path, "%s/%s", folder, name) > 0);
    return path;
}

static bool has(const char *folder, const char *name)
{
    char *path = path_of(folder, name);
    bool exists = file_exists(path);

    free(path);
    return exists;
}

static char *read_in(const char *folder, const char *name)
{
    char *path = path_of(folder, name), *text = file_read(path);

    free(path);
    return text;
}

/* --- the version --- */

static void makefile_value(const char *makefile, const char *key, char *value, size_t bytes)
{
    const char *line = strstr(makefile, key);

    *value = '\0';
    if (line)
        snprintf(value, bytes, "%.*s", (int)strcspn(line + strlen(key), "\n"), line + strlen(key));
}

static char *version_of(const char *root)
{
    struct program git = { .directory = root };
    char *version = NULL, *makefile, major[16], minor[16], patch[16], extra[32];

    words_split(&git.arguments, "git describe --always --dirty", " ");
    if (has(root, ".git")) {
        programs_run(&git, 1, 1);
        if (git.status == 0)
            CHECK(asprintf(&version, "%.*s", (int)strcspn(git.output, "\n"), git.output) >= 0);
    }
    program_free(&git);
    if (version)
        return version;
    makefile = read_in(root, "Makefile");
    CHECK(makefile != NULL);
    makefile_value(makefile, "\nVERSION = ", major, sizeof(major));
    makefile_value(makefile, "\nPATCHLEVEL = ", minor, sizeof(minor));
    makefile_value(makefile, "\nSUBLEVEL = ", patch, sizeof(patch));
    makefile_value(makefile, "\nEXTRAVERSION = ", extra, sizeof(extra));
    CHECK(asprintf(&version, "%s.%s.%s%s", major, minor, patch, extra) > 0);
    free(makefile);
    return version;
}

/* --- the tree and its folder --- */

bool linux_tree_open(struct linux_tree *tree, const char *path, char *message, size_t message_bytes)
{
    *tree = (struct linux_tree){ .root = realpath(path, NULL), .lock = -1 };
    if (!tree->root || !has(tree->root, "Kbuild") || !has(tree->root, "virt/kvm/eventfd.c")) {
        snprintf(message, message_bytes, "%s: no Linux tree: it has no virt/kvm/eventfd.c", path);
        return false;
    }
    for (size_t i = 0; i < sizeof(built) / sizeof(*built); i++) {
        if (!has(tree->root, built[i]))
            continue;
        snprintf(message, message_bytes,
                 "%s: a kernel has been built in this tree (%s), and its make then uses no other folder: take a copy "
                 "without what was built, such as git worktree add",
                 path, built[i]);
        return false;
    }
    tree->version = version_of(tree->root);
    return true;
}

/* FNV-1a. */
static uint64_t hash_text(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
    return hash;
}

bool linux_tree_lock(struct linux_tree *tree, const struct compiler *compiler, char *message, size_t message_bytes)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    uint64_t number = hash_text(hash_text(0xcbf29ce484222325u, tree->root), compiler->version);
    char *path;

    CHECK(asprintf(&tree->out, "%s%s/irqpath/linux-%016" PRIx64,
                   cache && *cache ? cache
                   : home && *home ? home
                                   : "/tmp",
                   cache && *cache ? "" : "/.cache", number) > 0);
    path = path_of(tree->out, "lock");
    if (workspace_write("", path + 1, "")) /* with its folders, from the root on */
        tree->lock = open(path, O_RDWR | O_CLOEXEC);
    if (tree->lock < 0 || flock(tree->lock, LOCK_EX) != 0)
        snprintf(message, message_bytes, "%s: %s (XDG_CACHE_HOME names another place)", path, strerror(errno));
    free(path);
    return tree->lock >= 0;
}

void linux_tree_close(struct linux_tree *tree)
{
    if (tree->lock >= 0)
        close(tree->lock);
    free(tree->root);
    free(tree->out);
    free(tree->version);
}

/* --- make --- */

/* What is said of the progress is left out: Kbuild's own lines begin with two blanks, make's with its name, those of
 * the configuration's tools as follows. */
static bool is_progress(const char *line)
{
    static const char *const starts[] = { "  ", "make", "#", "\n", "*** Default configuration", ".config:" };

    for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++)
        if (!strncmp(line, starts[i], strlen(starts[i])))
            return true;
    return false;
}

static void print_messages(const char *output)
{
    for (const char *end; *output; output = end) {
        end = output + strcspn(output, "\n");
        end += *end == '\n';
        if (!is_progress(output))
            fprintf(stderr, "%.*s", (int)(end - output), output);
    }
}

bool linux_tree_make(const struct linux_tree *tree, const struct compiler *compiler, const char *folder,
                     const struct words *targets)
{
    struct program make = { .directory = tree->root };
    char *command = words_join(&compiler->command);
    bool is_made;

    words_add(&make.arguments, "make");
    words_add(&make.arguments, "-j%ld", sysconf(_SC_NPROCESSORS_ONLN));
    words_add(&make.arguments, "O=%s", tree->out);
    words_add(&make.arguments, "ARCH=x86_64");
    words_add(&make.arguments, "CC=%s", command);
    if (folder)
        words_add(&make.arguments, "M=%s", folder);
    words_add_all(&make.arguments, targets);
    programs_run(&make, 1, 1);
    is_made = make.status == 0;
    if (is_made)
        print_messages(make.output);
    else
        fputs(make.output, stderr);
    program_free(&make);
    free(command);
    return is_made;
}

static bool make_one(const struct linux_tree *tree, const struct compiler *compiler, const char *target)
{
    struct words targets = { 0 };
    bool is_made;

    words_add(&targets, "%s", target);
    is_made = linux_tree_make(tree, compiler, NULL, &targets);
    words_free(&targets);
    return is_made;
}

/* --- the configuration --- */

static bool append(const struct linux_tree *tree, const char *fragment)
{
    char *path = path_of(tree->out, ".config");
    FILE *stream = fopen(path, "a");
    bool is_written = stream && fputs(fragment, stream) >= 0;

    if (stream && fclose(stream) != 0)
        is_written = false;
    free(path);
    return is_written;
}

static bool is_configured(const struct linux_tree *tree, const char *fragment)
{
    char *used = read_in(tree->out, "irqpath.config");
    bool is_same = used && !strcmp(used, fragment) && has(tree->out, ".config");

    free(used);
    return is_same;
}

/* Which of the needed lines is missing in the configuration; NULL: none. */
static const char *missing(const struct linux_tree *tree)
{
    char *config = read_in(tree->out, ".config");
    const char *found = NULL;

    for (size_t i = 0; i < sizeof(needed) / sizeof(*needed) && !found; i++)
        if (!config || !strstr(config, needed[i]))
            found = needed[i];
    free(config);
    return found;
}

static bool configure(const struct linux_tree *tree, const struct compiler *compiler, const char *fragment,
                      bool is_quiet, char *message, size_t message_bytes)
{
    if (!is_quiet)
        fprintf(stderr, "irqpath build: %s is configured in %s, once for this tree and compiler; half a minute\n",
                tree->root, tree->out);
    if (!make_one(tree, compiler, "defconfig") || !append(tree, fragment) ||
        !make_one(tree, compiler, "olddefconfig")) {
        snprintf(message, message_bytes, "%s: cannot be configured in %s", tree->root, tree->out);
        return false;
    }
    if (missing(tree)) {
        snprintf(message, message_bytes, "%s: the configuration cannot have %s (KCSAN is in Linux from 5.8 on)",
                 tree->root, missing(tree));
        return false;
    }
    return workspace_write(tree->out, "irqpath.config", fragment);
}

bool linux_tree_prepare(const struct linux_tree *tree, const struct compiler *compiler, const char *fragment,
                        bool is_quiet, char *message, size_t message_bytes)
{
    char *text = file_read(fragment);
    bool is_ready;

    if (!text) {
        snprintf(message, message_bytes, "%s: %s", fragment, strerror(errno));
        return false;
    }
    is_ready = is_configured(tree, text) || configure(tree, compiler, text, is_quiet, message, message_bytes);
    free(text);
    if (!is_ready)
        return false;
    if (make_one(tree, compiler, "prepare"))
        return true;
    snprintf(message, message_bytes, "%s: make prepare fails in %s", tree->root, tree->out);
    return false;
}
