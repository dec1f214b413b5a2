/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs gnuplot with a script on standard input and the picture on standard output. Both are anonymous files, so that no
 * pipe can fill up and nothing has to be removed afterwards. User settings (~/.gnuplot) are not read.
 */
#define _GNU_SOURCE
#include "plot/gnuplot.h"

#include <ctype.h>
#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "base/control.h"

void plot_print_quoted(FILE *script, const char *text)
{
    const char *end = text + strlen(text);

    fputc('"', script);
    for (; text < end; text++) {
        size_t control = control_bytes(text, end);
        if (control > 0)
            fputc('?', script);
        else if (isalnum((unsigned char)*text) || (unsigned char)*text >= 0x80 ||
                 strchr(" .,:;()/+-=%_", *text) != NULL)
            fputc(*text, script);
        else
            fprintf(script, "\\%03o", *text);
        text += control > 1;
    }
    fputc('"', script);
}

void plot_print_terminal(FILE *script, enum plot_format format, const char *name, int width, int height)
{
    if (format == PLOT_PNG) {
        fprintf(script,
                "set encoding utf8\nset terminal pngcairo size %d,%d font 'DejaVu Sans,13' fontscale 1.45 linewidth 2 "
                "pointscale 2 noenhanced background '#FFFFFF'\n",
                2 * width, 2 * height);
        return;
    }
    fprintf(script,
            "set encoding utf8\nset terminal svg size %d,%d font 'DejaVu Sans,13' noenhanced background '#FFFFFF' "
            "dynamic name '",
            width, height);
    for (; *name != '\0'; name++)
        fputc(isalnum((unsigned char)*name) ? *name : '_', script);
    fputs("'\n", script);
}

static void print_terminal(FILE *script, const struct plot_canvas *canvas, const char *name)
{
    if (canvas->format == PLOT_DUMB)
        fprintf(script, "set terminal dumb size %d,%d noenhanced %s\n", canvas->columns, canvas->rows,
                canvas->use_colour ? "ansi256" : "mono");
    else
        plot_print_terminal(script, canvas->format, name, PLOT_WIDTH, canvas->height);
}

void plot_print_prelude(FILE *script, const struct plot_canvas *canvas, const char *name, const char *title,
                        const char *subtitle)
{
    fputs("set encoding utf8\n", script);
    print_terminal(script, canvas, name);
    if (canvas->format == PLOT_DUMB) {
        fputs("unset key\nset tics nomirror\nset border 3\nset title ", script);
        plot_print_quoted(script, title);
        fputc('\n', script);
        return;
    }
    double height = canvas->height;
    fprintf(script,
            "set border 3 back lc rgb '" PLOT_INK "' lw 1\n"
            "set tics nomirror out scale 0.6 textcolor rgb '" PLOT_INK "'\n"
            "set style line 81 lc rgb '#DDDDDD' lw 0.8 dt 1\n"
            "set grid ytics back ls 81\n"
            "unset key\n"
            "set bars 0.35\n"
            "set tmargin at screen %.4f\n",
            1 - 69 / height);
    fputs("set label 1 ", script);
    plot_print_quoted(script, title);
    fprintf(script, " at screen 0.03,%.4f font ',15' textcolor rgb '#111111'\nset label 2 ", 1 - 21 / height);
    plot_print_quoted(script, subtitle);
    fprintf(script, " at screen 0.03,%.4f font ',10.5' textcolor rgb '#666666'\n", 1 - 44 / height);
}

static int anonymous_file(const char *name)
{
    int file = memfd_create(name, MFD_CLOEXEC);
    CHECK(file >= 0);
    return file;
}

static char *file_contents(int file, size_t *bytes)
{
    struct stat status;
    CHECK(fstat(file, &status) == 0);
    *bytes = (size_t)status.st_size;
    char *text = malloc(*bytes + 1);
    CHECK(text != NULL);
    CHECK(pread(file, text, *bytes, 0) == (ssize_t)*bytes);
    text[*bytes] = '\0';
    return text;
}

/* Returns the environment of this process with this LC_ALL. The caller frees the array; the strings are borrowed. */
static char **environment_with(char *lc_all)
{
    size_t count = 0, kept = 0;

    while (environ[count] != NULL)
        count++;
    char **copy = calloc(count + 2, sizeof(*copy));
    CHECK(copy != NULL);
    for (size_t i = 0; i < count; i++)
        if (strncmp(environ[i], "LC_ALL=", 7) != 0)
            copy[kept++] = environ[i];
    copy[kept] = lc_all;
    return copy;
}

static bool spawn_and_wait(int in, int out, int errors, int *status)
{
    char *arguments[] = { "gnuplot", "-d", NULL };
    char locale[] = "LC_ALL=C.UTF-8"; /* without UTF-8, gnuplot warns about its degree sign */
    posix_spawn_file_actions_t actions;
    pid_t child;

    CHECK(posix_spawn_file_actions_init(&actions) == 0);
    CHECK(posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO) == 0);
    CHECK(posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO) == 0);
    CHECK(posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO) == 0);
    char **environment = environment_with(locale);
    int failed = posix_spawnp(&child, arguments[0], &actions, NULL, arguments, environment);
    free(environment);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) {
        errno = failed;
        return false;
    }
    while (waitpid(child, status, 0) < 0)
        CHECK(errno == EINTR);
    return true;
}

bool plot_run_gnuplot(const char *script, char **picture, size_t *picture_bytes, char *message, size_t message_bytes)
{
    int in = anonymous_file("script"), out = anonymous_file("picture"), errors = anonymous_file("errors");
    size_t length = strlen(script), error_bytes;
    int status = 0;
    bool is_good = true;

    CHECK(pwrite(in, script, length, 0) == (ssize_t)length);
    if (!spawn_and_wait(in, out, errors, &status)) {
        snprintf(message, message_bytes, "gnuplot: %s%s", strerror(errno),
                 errno == ENOENT ? " (the Debian package is gnuplot-nox)" : "");
        is_good = false;
    } else {
        char *complaint = file_contents(errors, &error_bytes);
        *picture = file_contents(out, picture_bytes);
        if (status != 0 || error_bytes > 0)
            snprintf(message, message_bytes, "gnuplot failed: %.300s", error_bytes > 0 ? complaint : "no reason given");
        else if (*picture_bytes == 0)
            snprintf(message, message_bytes, "gnuplot drew nothing");
        is_good = status == 0 && error_bytes == 0 && *picture_bytes > 0;
        if (!is_good)
            free(*picture);
        free(complaint);
    }
    close(in);
    close(out);
    close(errors);
    return is_good;
}
