/* SPDX-License-Identifier: Apache-2.0
 *
 * See page.h. The parts of the page are collected in memory, because the head lists the hashes of scripts that sections
 * ask for later.
 */
#define _GNU_SOURCE
#include "report/page.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "report/asset.h"
#include "report/escape.h"

enum { PAGE_ASSETS_MAX = 64 };

struct page_part {
    char *text;
    size_t bytes;
    FILE *out;
};

/* Assets of one kind, each of them once. */
struct page_assets {
    const struct asset *asset[PAGE_ASSETS_MAX];
    size_t count;
};

struct page {
    char *title;
    struct page_part navigation, body, data;
    struct page_assets scripts, styles;
    json_t *ids; /* the ids in use, as keys */
    bool is_in_section;
};

static void part_open(struct page_part *part)
{
    part->out = open_memstream(&part->text, &part->bytes);
    CHECK(part->out != NULL);
}

static void part_free(struct page_part *part)
{
    CHECK(fclose(part->out) == 0);
    free(part->text);
}

static void part_write(const struct page_part *part, FILE *out)
{
    CHECK(fflush(part->out) == 0);
    fwrite(part->text, 1, part->bytes, out);
}

struct page *page_new(const char *title)
{
    struct page *page = calloc(1, sizeof *page);

    CHECK(page != NULL);
    page->title = text_copy(title);
    page->ids = json_object();
    CHECK(page->ids != NULL);
    part_open(&page->navigation);
    part_open(&page->body);
    part_open(&page->data);
    page_style(page, "page.css");
    page_script(page, "page.js");
    return page;
}

void page_free(struct page *page)
{
    part_free(&page->navigation);
    part_free(&page->body);
    part_free(&page->data);
    json_decref(page->ids);
    free(page->title);
    free(page);
}

static void take_id(struct page *page, const char *id)
{
    CHECK(id[0] != '\0' && strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(id));
    CHECK(json_object_get(page->ids, id) == NULL);
    json_object_set_new(page->ids, id, json_true());
}

void page_section_begin(struct page *page, const char *id, const char *title)
{
    CHECK(!page->is_in_section);
    page->is_in_section = true;
    take_id(page, id);
    fprintf(page->navigation.out, "<li><a href=\"#%s\">", id);
    escape_html(title, page->navigation.out);
    fputs("</a></li>\n", page->navigation.out);
    page_print(page, "<section id=\"%s\" aria-labelledby=\"%s-title\">\n<h2 id=\"%s-title\">%s</h2>\n", id, id, id,
               title);
}

void page_section_end(struct page *page)
{
    CHECK(page->is_in_section);
    page->is_in_section = false;
    page_print(page, "</section>\n\n");
}

void page_print(struct page *page, const char *format, ...)
{
    FILE *out = page->body.out;
    va_list arguments;

    va_start(arguments, format);
    for (const char *at = format; *at != '\0'; at++) {
        if (*at != '%') {
            fputc(*at, out);
        } else if (at[1] == 's') {
            escape_html(va_arg(arguments, const char *), out);
            at += 1;
        } else if (at[1] == 'z' && at[2] == 'u') {
            fprintf(out, "%zu", va_arg(arguments, size_t));
            at += 2;
        } else {
            CHECK(at[1] == '%');
            fputc(*++at, out);
        }
    }
    va_end(arguments);
}

void page_markup(struct page *page, const char *markup) { fputs(markup, page->body.out); }

void page_name(struct page *page, const char *name)
{
    page_markup(page, "<code class=\"name\">");
    while (*name != '\0') {
        size_t bytes = strcspn(name, "._");
        bytes += name[bytes] != '\0';
        char *part = text_copy_bytes(name, bytes);
        page_print(page, "%s", part);
        free(part);
        name += bytes;
        if (*name != '\0')
            page_markup(page, "<wbr>");
    }
    page_markup(page, "</code>");
}

void page_data(struct page *page, const char *id, json_t *json)
{
    char key[80];

    CHECK(json != NULL && snprintf(key, sizeof key, "%s-data", id) < (int)sizeof key);
    take_id(page, key);
    fprintf(page->data.out, "<script type=\"application/json\" id=\"%s\">", key);
    escape_json(json, page->data.out);
    fputs("</script>\n", page->data.out);
    json_decref(json);
}

static const struct asset *find_asset(const char *name)
{
    for (size_t i = 0; i < asset_count; i++)
        if (strcmp(assets[i].name, name) == 0)
            return &assets[i];
    return NULL;
}

static void add_asset(struct page_assets *list, const char *name)
{
    const struct asset *found = find_asset(name);

    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->asset[i]->name, name) == 0)
            return;
    CHECK(found != NULL && list->count < PAGE_ASSETS_MAX);
    list->asset[list->count++] = found;
}

void page_script(struct page *page, const char *name) { add_asset(&page->scripts, name); }

void page_style(struct page *page, const char *name) { add_asset(&page->styles, name); }

/* --- the document --- */

/* Prints 32 bytes, given as hexadecimal digits, in base64. */
static void print_base64(const char *digits, FILE *out)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    static const char hexadecimal[] = "0123456789abcdef";

    CHECK(strlen(digits) == 64);
    for (size_t at = 0; at < 64; at += 6) { /* six digits of four bits are four letters of six */
        unsigned bits = 0;
        for (size_t i = 0; i < 6; i++)
            bits = bits << 4 | (at + i < 64 ? (unsigned)(strchr(hexadecimal, digits[at + i]) - hexadecimal) : 0);
        for (size_t i = 0; i < 4; i++)
            fputc(at + 6 > 64 && i == 3 ? '=' : letters[bits >> (18 - 6 * i) & 63], out);
    }
}

static void print_sources(const char *directive, const struct page_assets *list, FILE *out)
{
    fprintf(out, "; %s", directive);
    for (size_t i = 0; i < list->count; i++) {
        fputs(" 'sha256-", out);
        print_base64(list->asset[i]->sha256, out);
        fputs("'", out);
    }
}

static void print_assets(const char *element, const struct page_assets *list, FILE *out)
{
    for (size_t i = 0; i < list->count; i++) {
        fprintf(out, "<%s>", element);
        fwrite(list->asset[i]->bytes, 1, list->asset[i]->count, out);
        fprintf(out, "</%s>\n", element);
    }
}

/* The licence of a script that is not ours; it stands beside the script in a folder of its own. */
static void print_licence(const struct asset *script, FILE *out)
{
    const char *slash = strrchr(script->name, '/');
    char name[128];

    if (slash == NULL)
        return;
    snprintf(name, sizeof name, "%.*s/LICENSE", (int)(slash - script->name), script->name);
    const struct asset *licence = find_asset(name);
    CHECK(licence != NULL);
    char *text = text_copy_bytes((const char *)licence->bytes, licence->count);
    fputs("<details><summary>Licence of ", out);
    escape_html(slash + 1, out);
    fputs(" in this page</summary><pre>", out);
    escape_html(text, out);
    fputs("</pre></details>\n", out);
    free(text);
}

static void print_head(const struct page *page, FILE *out)
{
    fputs("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:",
          out);
    print_sources("script-src", &page->scripts, out);
    print_sources("style-src", &page->styles, out);
    fputs("; base-uri 'none'; form-action 'none'\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n"
          "<meta name=\"generator\" content=\"irqpath " IRQPATH_VERSION "\">\n<title>",
          out);
    escape_html(page->title, out);
    fputs("</title>\n<link rel=\"icon\" href=\"data:,\">\n", out);
    print_assets("style", &page->styles, out);
    fputs("</head>\n", out);
}

void page_write(const struct page *page, FILE *out)
{
    CHECK(!page->is_in_section);
    print_head(page, out);
    fputs("<body>\n<a class=\"skip\" href=\"#page\">Skip to the content</a>\n<header>\n<h1>", out);
    escape_html(page->title, out);
    fputs("</h1>\n<nav aria-label=\"Sections\"><ul>\n", out);
    part_write(&page->navigation, out);
    fputs("</ul></nav>\n</header>\n<main id=\"page\">\n", out);
    part_write(&page->body, out);
    fputs("</main>\n<footer>Made by irqpath " IRQPATH_VERSION ". This page is complete in itself: it opens from disk "
          "and makes no request.\n",
          out);
    for (size_t i = 0; i < page->scripts.count; i++)
        print_licence(page->scripts.asset[i], out);
    fputs("</footer>\n", out);
    part_write(&page->data, out);
    print_assets("script", &page->scripts, out);
    fputs("</body>\n</html>\n", out);
}
