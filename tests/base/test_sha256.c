/* SPDX-License-Identifier: Apache-2.0
 *
 * The examples of FIPS 180-4, and lengths around a block, checked with sha256sum.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/sha256.h"

static void hashes_are_those_of_sha256sum(void **state)
{
    static const struct {
        size_t count; /* of letters a; 0: the text */
        const char *text, *hash;
    } cases[] = {
        { 0, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { 0, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
        { 0, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
        { 55, NULL, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318" },
        { 56, NULL, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a" },
        { 64, NULL, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb" },
        { 1000, NULL, "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3" },
    };
    char letters[1000], text[SHA256_TEXT_BYTES];

    (void)state;
    memset(letters, 'a', sizeof letters);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *bytes = cases[i].text != NULL ? cases[i].text : letters;

        sha256_text(bytes, cases[i].text != NULL ? strlen(cases[i].text) : cases[i].count, text);
        assert_string_equal(text, cases[i].hash);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(hashes_are_those_of_sha256sum) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
