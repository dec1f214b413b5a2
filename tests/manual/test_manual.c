/* SPDX-License-Identifier: Apache-2.0
 *
 * Pages as text and for man(1), and how lines are broken.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "manual/document.h"
#include "manual/wrap.h"

static void lines_are_broken_between_words(void **state)
{
    static const struct {
        const char *text;
        size_t column, indent, width;
        const char *printed;
    } rows[] = {
        { "", 0, 0, 10, "\n" },
        { "one two three", 0, 0, 7, "one two\nthree\n" },
        { "one two three", 0, 2, 7, "one two\n  three\n" },
        { "one\ntwo  three", 4, 4, SIZE_MAX, "one two three\n" },
        { "unbreakable x", 2, 2, 5, "unbreakable\n  x\n" },
        { "below", 9, 2, 11, "\n  below\n" },
        { "\xC3\xA4\xC3\xB6 \xC3\xBC", 0, 0, 4, "\xC3\xA4\xC3\xB6 \xC3\xBC\n" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char *printed = NULL;
        size_t bytes;
        FILE *stream = open_memstream(&printed, &bytes);

        wrap_print(stream, rows[i].text, rows[i].column, rows[i].indent, rows[i].width);
        fclose(stream);
        assert_string_equal(printed, rows[i].printed);
        free(printed);
    }
}

static void pages_are_text_and_roff(void **state)
{
    struct document document;
    char *printed = NULL;
    size_t bytes;
    FILE *stream;

    (void)state;
    document_init(&document, "irqpath-x", 1, "do x");
    document_heading(&document, "OPTIONS");
    document_text(&document, "Words\nof one paragraph.\n  literal -x\n\n.Next 'paragraph'\\.");
    document_item(&document, "--x N", "a number");
    stream = open_memstream(&printed, &bytes);
    document_write_text(&document, 30, stream);
    fclose(stream);
    assert_string_equal(printed, "NAME\n       irqpath-x - do x\n\nOPTIONS\n       Words of one paragraph.\n\n"
                                 "         literal -x\n\n       .Next 'paragraph'\\.\n\n"
                                 "       --x N  a number\n");
    free(printed);
    stream = open_memstream(&printed, &bytes);
    document_write_man(&document, "irqpath 1", stream);
    fclose(stream);
    assert_non_null(strstr(printed, ".SH NAME\nirqpath\\-x \\- do x\n.SH \"OPTIONS\"\nWords of one paragraph.\n"
                                    ".PP\n.nf\n  literal \\-x\n.fi\n.PP\n\\&.Next \\(aqparagraph\\(aq\\e.\n"
                                    ".TP\n\\fB\\-\\-x N\\fR\na number\n"));
    free(printed);
    document_free(&document);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_broken_between_words),
        cmocka_unit_test(pages_are_text_and_roff),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
