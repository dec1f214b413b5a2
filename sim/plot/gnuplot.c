/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs gnuplot with a script on standard input and the picture on standard output. Both are anonymous files, so that no
 * pipe can fill up and nothing has to be removed afterwards. User settings (~/.gnuplot) are not read.
 */
#define _GNU_SOURCE
#include "plot/gnuplot.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "base/control.h"
#include "plot/text.h"

#define PNG_LARGEST 32000 /* pixels, of cairo */
#define MARKER_SCALE 1.4  /* makes markers of a PNG as large as those of an SVG */

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
    int longest = width > height ? width : height;
    double scale = 2.0 * longest > PNG_LARGEST ? (double)PNG_LARGEST / longest : 2;

    if (format == PLOT_PNG) {
        fprintf(script,
                "set encoding utf8\nset terminal pngcairo size %d,%d font 'DejaVu Sans,13' fontscale %.4g "
                "linewidth %.4g pointscale %.4g noenhanced background '#FFFFFF'\n",
                (int)(scale * width), (int)(scale * height), 0.725 * scale, scale, MARKER_SCALE * scale);
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

static void print_escaped(FILE *out, const char *text)
{
    struct plot_text whole = plot_text_break(text, 1, INFINITY);

    for (const char *at = whole.lines[0]; *at != '\0'; at++)
        switch (*at) {
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '&':
            fputs("&amp;", out);
            break;
        default:
            fputc(*at, out);
        }
    plot_text_free(&whole);
}

/* Gnuplot names one font; where it is not installed, a browser would take one with serifs and other widths. It gives
 * each part of the picture a title, "$data0 using 1:2:3", which a browser shows under the pointer. */
void plot_finish_svg(char **svg, size_t *svg_bytes, const char *title)
{
    static const char font[] = "font-family=\"DejaVu Sans", fallbacks[] = ",Verdana,Arial,sans-serif";
    static const char opening[] = "<title>", closing[] = "</title>";
    char *text;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    bool is_first = true;

    CHECK(out != NULL);
    for (const char *at = *svg; *at != '\0';) {
        const char *end;
        if (strncmp(at, font, sizeof font - 1) == 0) {
            fprintf(out, "%s%s", font, fallbacks);
            at += sizeof font - 1;
        } else if (strncmp(at, opening, sizeof opening - 1) == 0 && (end = strstr(at, closing)) != NULL) {
            if (is_first) {
                fputs(opening, out);
                print_escaped(out, title);
                fputs(closing, out);
            }
            is_first = false;
            at = end + sizeof closing - 1;
        } else {
            fputc(*at++, out);
        }
    }
    CHECK(fclose(out) == 0);
    free(*svg);
    *svg = text;
    *svg_bytes = bytes;
}

static int anonymous_file(const char *name)
{
    int file = memfd_create(name, MFD_CLOEXEC);
    CHECK_SYSTEM(file >= 0, "an anonymous file for gnuplot cannot be made");
    return file;
}

static char *file_contents(int file, size_t *bytes)
{
    struct stat status;
    CHECK(fstat(file, &status) == 0);
    *bytes = (size_t)status.st_size;
    char *text = malloc(*bytes + 1);
    CHECK(text != NULL);
    CHECK_SYSTEM(pread(file, text, *bytes, 0) == (ssize_t)*bytes, "what gnuplot wrote cannot be read");
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
    errno = failed;
    if (failed == ENOENT)
        return false;
    CHECK_SYSTEM(failed == 0, "gnuplot cannot be started");
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

    CHECK_SYSTEM(pwrite(in, script, length, 0) == (ssize_t)length, "a script for gnuplot cannot be written");
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
        if (!is_good) {
            free(*picture);
            *picture = NULL;
        }
        free(complaint);
    }
    close(in);
    close(out);
    close(errors);
    return is_good;
}
