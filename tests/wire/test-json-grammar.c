/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-codec.h"
#include "rt-json.h"

/* Documents by category, with the verdict of RFC 8259: valid (y), invalid (n), left to the implementation (i). */
typedef struct
{
  const char *name;
  const char *text;
  gsize len; /* texts may hold NUL */
  RtJsonFaultKind verdict;
} Case;

#define CASE(verdict, name, text) { name, text, sizeof (text) - 1, RT_JSON_##verdict }
#define Y(name, text) CASE (OK, "y/" name, text)
#define SYNTAX(name, text) CASE (BAD_SYNTAX, "n/" name, text)
#define SHORT(name, text) CASE (TRUNCATED, "n/" name, text)
#define UTF8(name, text) CASE (BAD_UTF8, "n/" name, text)
#define MORE(name, text) CASE (TRAILING, "n/" name, text)

static const Case valid_cases[] = {
  Y ("array/empty", "[]"),
  Y ("array/empty-with-blanks", "[ \t]"),
  Y ("array/of-empty", "[[],[[]],{}]"),
  Y ("array/empty-string", "[\"\"]"),
  Y ("array/ending-with-newline", "[\"n\"\n]"),
  Y ("array/false", "[false]"),
  Y ("array/true", "[true]"),
  Y ("array/null", "[null]"),
  Y ("array/mixed", "[null, 7, \"7\", {}, [7], true]"),
  Y ("array/newline-behind", "[7\n]"),
  Y ("array/leading-space", " [7]"),
  Y ("array/trailing-space", "[7] "),
  Y ("array/several-null", "[7,null,null,8]"),
  Y ("array/spaces-inside", "[ [ ]  , [ ] ]"),
  Y ("array/last-in-array", "[1,[2,[3,[4]]]]"),
  Y ("array/first-in-array", "[[[[1],2],3],4]"),
  Y ("number/fraction-exponent", "[407e65]"),
  Y ("number/zero-exponent-plus", "[0e+4]"),
  Y ("number/zero-exponent", "[0e4]"),
  Y ("number/after-space", "[ 9]"),
  Y ("number/close-to-zero", "[-0.00000000000000000000000000000000000000000000000000000000000000000002]"),
  Y ("number/int-with-exponent", "[30e2]"),
  Y ("number/zero", "[0]"),
  Y ("number/minus-zero", "[-0]"),
  Y ("number/minus-zero-fraction", "[-0.0]"),
  Y ("number/negative", "[-407]"),
  Y ("number/minus-one", "[-1]"),
  Y ("number/capital-exponent", "[4E33]"),
  Y ("number/capital-exponent-minus", "[4E-3]"),
  Y ("number/capital-exponent-plus", "[4E+3]"),
  Y ("number/exponent", "[407e46]"),
  Y ("number/real-exponent", "[407.802e3]"),
  Y ("number/exponent-minus", "[4e-5]"),
  Y ("number/exponent-plus", "[4e+5]"),
  Y ("number/exponent-leading-zero", "[4e005]"),
  Y ("number/int", "[407]"),
  Y ("number/real", "[407.80216]"),
  Y ("number/zero-fraction", "[0.125]"),
  Y ("number/many-digits", "[3.14159265358979323846264338327950288419716939937510582097494459]"),
  Y ("number/int64-max", "[9223372036854775807]"),
  Y ("object/simple", "{\"one\":1}"),
  Y ("object/basic", "{\"one\":\"1\", \"two\" : \"2\"}"),
  Y ("object/empty", "{}"),
  Y ("object/empty-key", "{\"\":0}"),
  Y ("object/repeated-key", "{\"a\":1,\"a\":2}"),
  Y ("object/repeated-key-and-value", "{\"a\":1,\"a\":1}"),
  Y ("object/escaped-nul-in-key", "{\"k\\u0000y\":4}"),
  Y ("object/extreme-numbers", "{\"least\":-4.0e+28,\"most\":4.0e+28}"),
  Y ("object/long-strings", "{\"x\":[{\"id\":\"wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww\"}],"
                            "\"id\":\"wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww\"}"),
  Y ("object/array-value", "{\"a\":[]}"),
  Y ("object/unicode-string", "{\"town\":\"\\u041f\\u0435\\u0440\\u043c\\u044c\"}"),
  Y ("object/newlines", "{\n\"a\"\n:\n\"b\"\n}"),
  Y ("object/carriage-returns", "{\r\n\"a\":\r\n1\r\n}"),
  Y ("object/nested", "{\"a\":{\"b\":{\"c\":{}}},\"d\":{}}"),
  Y ("string/one-two-three-bytes", "[\"\\u0061\\u012b\\u12ac\"]"),
  Y ("string/surrogate-pair", "[\"\\ud83c\\udf0d\"]"),
  Y ("string/surrogate-pairs", "[\"\\uD83c\\uDf0D\\ud83c\\udf0e\"]"),
  Y ("string/all-short-escapes", "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]"),
  Y ("string/escaped-backslash-u", "[\"\\\\u0041\"]"),
  Y ("string/escaped-quote", "[\"\\\"\"]"),
  Y ("string/comment-inside", "[\"a/*b*/c//d\"]"),
  Y ("string/double-escape-letter", "[\"\\\\z\"]"),
  Y ("string/double-escape-n", "[\"\\\\n\"]"),
  Y ("string/escaped-control", "[\"\\u0013\"]"),
  Y ("string/escaped-noncharacter", "[\"\\uFFFE\"]"),
  Y ("string/in-array", "[\"pqr\"]"),
  Y ("string/behind-space", "[ \"pqr\"]"),
  Y ("string/last-surrogates", "[\"\\uDBFF\\uDFFC\"]"),
  Y ("string/escaped-nbsp", "[\"a\\u00A0b\"]"),
  Y ("string/raw-10ffff", "[\"\xf4\x8f\xbf\xbf\"]"),
  Y ("string/raw-ffff", "[\"\xef\xbf\xbf\"]"),
  Y ("string/raw-fffe", "[\"\xef\xbf\xbe\"]"),
  Y ("string/raw-fdd0", "[\"\xef\xb7\x90\"]"),
  Y ("string/escaped-nul", "[\"\\u0000\"]"),
  Y ("string/escaped-one-byte", "[\"\\u003b\"]"),
  Y ("string/escaped-two-bytes", "[\"\\u0153\"]"),
  Y ("string/escaped-three-bytes", "[\"\\u0941\"]"),
  Y ("string/raw-two-bytes", "[\"\xc3\xb8\"]"),
  Y ("string/raw-smallest-two-bytes", "[\"\xc2\x80\"]"),
  Y ("string/raw-smallest-three-bytes", "[\"\xe0\xa0\x80\"]"),
  Y ("string/raw-before-surrogates", "[\"\xed\x9f\xbf\"]"),
  Y ("string/raw-behind-surrogates", "[\"\xee\x80\x80\"]"),
  Y ("string/raw-smallest-four-bytes", "[\"\xf0\x90\x80\x80\"]"),
  Y ("string/raw-1bffff", "[\"\xf0\x9b\xbf\xbf\"]"),
  Y ("string/raw-1fffe", "[\"\xf0\x9f\xbf\xbe\"]"),
  Y ("string/escaped-g-clef", "[\"\\uD834\\uDd1e\"]"),
  Y ("string/one-letter", "[\"q\"]"),
  Y ("string/one-space", "\" \""),
  Y ("string/raw-line-separator", "[\"\xe2\x80\xa8\"]"),
  Y ("string/raw-paragraph-separator", "[\"\xe2\x80\xa9\"]"),
  Y ("string/escaped-letters", "[\"\\u0062\\u30af\\u30ea\\u30b9\"]"),
  Y ("string/escaped-newline", "[\"new\\u000Aline\"]"),
  Y ("string/raw-delete", "[\"\x7f\"]"),
  Y ("string/delete-among-letters", "[\"a\x7f" "b\"]"),
  Y ("string/escaped-backslash-code", "[\"\\u005C\"]"),
  Y ("string/escaped-quote-code", "[\"\\u0022\"]"),
  Y ("string/raw-scripts", "[\"\xd0\x9f\xd1\x80\xd0\xb8 \xe4\xbd\xa0\xe5\xa5\xbd \xf0\x9f\x8c\x8d\"]"),
  Y ("string/escaped-10fffe", "[\"\\uDBFF\\uDFFE\"]"),
  Y ("string/escaped-200b", "[\"\\u200B\"]"),
  Y ("string/escaped-2064", "[\"\\u2064\"]"),
  Y ("string/escaped-fdd0", "[\"\\uFDD0\"]"),
  Y ("string/mixed-case-hex", "[\"\\uaBcD\\uAbCd\"]"),
  Y ("string/euro-raw-between-ascii", "[\"0123456789abcde\xe2\x82\xac" "0123456789abcdef\"]"),
  Y ("lonely/false", "false"),
  Y ("lonely/true", "true"),
  Y ("lonely/null", "null"),
  Y ("lonely/int", "71"),
  Y ("lonely/negative-real", "-0.4"),
  Y ("lonely/string", "\"wxyz\""),
  Y ("lonely/empty-string", "\"\""),
  Y ("structure/trailing-newline", "[\"a\"]\n"),
  Y ("structure/white-space-array", " [] "),
  Y ("structure/every-white-space", "\t\n\r [\t\n\r 1\t\n\r ,\t\n\r 2\t\n\r ]\t\n\r "),
};

static const Case invalid_cases[] = {
  SYNTAX ("array/no-comma", "[1 null]"),
  SYNTAX ("array/high-byte", "[a\xe5]"),
  SYNTAX ("array/lone-high-byte", "[\xff]"),
  SYNTAX ("array/colon-for-comma", "[\"a\": 2]"),
  SYNTAX ("array/semicolon-for-comma", "[2;3]"),
  SYNTAX ("array/comma-first", "[,2]"),
  SYNTAX ("array/only-comma", "[,]"),
  SYNTAX ("array/double-comma", "[2,,3]"),
  SYNTAX ("array/trailing-comma", "[\"\",]"),
  SYNTAX ("array/number-and-comma", "[2,]"),
  SYNTAX ("array/two-trailing-commas", "[2,,]"),
  SYNTAX ("array/several-trailing-commas", "[2,,,]"),
  SYNTAX ("array/inner-no-comma", "[5[6]]"),
  SYNTAX ("array/just-minus", "[-]"),
  SYNTAX ("array/missing-value", "[   , \"\"]"),
  SYNTAX ("array/star", "[*]"),
  SYNTAX ("array/invalid-value", "[q"),
  SYNTAX ("array/vertical-tab", "[\"\x0b" "b\"\\f]"),
  SYNTAX ("array/form-feed-for-space", "[\x0c]"),
  SYNTAX ("array/brace-closes", "[1}"),
  MORE ("array/comma-behind", "[\"\"],"),
  MORE ("array/extra-close", "[\"q\"]]"),
  MORE ("array/two-arrays", "[][]"),
  MORE ("array/garbage-behind", "[2]q"),
  MORE ("array/newline-array", "[2]\n[3]"),
  SHORT ("array/incomplete", "[\"q\""),
  SHORT ("array/unclosed", "[\"\""),
  SHORT ("array/unclosed-empty", "["),
  SHORT ("array/unclosed-newlines", "[\"b\",\n5\n,6"),
  SHORT ("array/unclosed-trailing-comma", "[2,"),
  SHORT ("array/unclosed-object-inside", "[{}"),
  SHORT ("array/unclosed-new-lines", "[2,\n2\n,2"),
  SYNTAX ("word/half-false", "[fals]"),
  SYNTAX ("word/half-null", "[nul]"),
  SYNTAX ("word/half-true", "[tru]"),
  SYNTAX ("word/capital-true", "[True]"),
  SYNTAX ("word/capital-null", "NULL"),
  SYNTAX ("word/unknown", "[undefined]"),
  SYNTAX ("word/joined", "[truefalse]"),
  SHORT ("word/lonely-half", "tru"),
  MORE ("word/behind-word", "nullnull"),
  MORE ("word/letter-behind", "truex"),
  MORE ("number/then-zeros", "3 00"),
  SYNTAX ("number/plus-plus", "[++77]"),
  SYNTAX ("number/plus", "[+7]"),
  SYNTAX ("number/plus-infinity", "[+Inf]"),
  SYNTAX ("number/minus-leading-zero", "[-04]"),
  SYNTAX ("number/two-points", "[-4.0.]"),
  SYNTAX ("number/minus-point-end", "[-4.]"),
  SYNTAX ("number/minus-nan", "[-NaN]"),
  SYNTAX ("number/point-minus", "[.-4]"),
  SYNTAX ("number/point-first", "[.4e-3]"),
  SYNTAX ("number/two-fractions", "[0.4.5]"),
  SYNTAX ("number/fraction-exponent-plus", "[0.4e+]"),
  SYNTAX ("number/fraction-exponent-empty", "[0.4e]"),
  SYNTAX ("number/point-exponent", "[0.e4]"),
  SYNTAX ("number/zero-capital-exponent-plus", "[0E+]"),
  SYNTAX ("number/zero-capital-exponent", "[0E]"),
  SYNTAX ("number/zero-exponent-plus", "[0e+]"),
  SYNTAX ("number/zero-exponent", "[0e]"),
  SYNTAX ("number/exponent-plus", "[4.0e+]"),
  SYNTAX ("number/exponent-minus", "[4.0e-]"),
  SYNTAX ("number/exponent-empty", "[4.0e]"),
  SYNTAX ("number/space-in-digits", "[4 000.0]"),
  SYNTAX ("number/two-exponents", "[4eE5]"),
  SYNTAX ("number/exponent-twice", "[4e5e6]"),
  SYNTAX ("number/exponent-fraction", "[4e5.6]"),
  SYNTAX ("number/point-exponent-plus", "[4.e+6]"),
  SYNTAX ("number/point-exponent-minus", "[4.e-6]"),
  SYNTAX ("number/point-exponent-digit", "[4.e6]"),
  SYNTAX ("number/point-exponent-plus-empty", "[4.e+]"),
  SYNTAX ("number/infinity-short", "[Inf]"),
  SYNTAX ("number/nan", "[NaN]"),
  SYNTAX ("number/full-width-digit", "[\xef\xbc\x94]"),
  SYNTAX ("number/expression", "[4+5]"),
  SYNTAX ("number/hex-one-digit", "[0x4]"),
  SYNTAX ("number/hex-two-digits", "[0x4f]"),
  SYNTAX ("number/hex-capital", "[0X4F]"),
  SYNTAX ("number/octal", "[0o17]"),
  SYNTAX ("number/infinity", "[Infinity]"),
  SYNTAX ("number/minus-infinity", "[-Infinity]"),
  SYNTAX ("number/plus-minus-exponent", "[0e+-4]"),
  SYNTAX ("number/minus-letter-digit", "[-456.789qrs]"),
  SYNTAX ("number/high-byte-in-int", "[456\xe5]"),
  SYNTAX ("number/high-byte-in-exponent", "[4e4\xe5]"),
  SYNTAX ("number/high-byte-behind-zero", "[0\xe5]"),
  SYNTAX ("number/high-byte-behind-e", "[0e\xe5]"),
  SYNTAX ("number/minus-letter", "[-qrs]"),
  SYNTAX ("number/minus-space", "[- 4]"),
  SYNTAX ("number/minus-zero-digit", "[-045]"),
  SYNTAX ("number/minus-point", "[-.456]"),
  SYNTAX ("number/minus-garbage-end", "[-4x]"),
  SYNTAX ("number/garbage-behind-e", "[4eq]"),
  SYNTAX ("number/point-end", "[4.]"),
  SYNTAX ("number/point-only", "[.456]"),
  SYNTAX ("number/letters-behind", "[4.5q-]"),
  SYNTAX ("number/letter-inside", "[4.5qrs]"),
  SYNTAX ("number/leading-zero", "[045]"),
  SYNTAX ("number/double-zero", "[00]"),
  SYNTAX ("number/underscore", "[4_000]"),
  SYNTAX ("number/comma-decimal-object", "{\"a\":4,5}"),
  SHORT ("number/lonely-minus", "-"),
  SHORT ("number/lonely-point", "4."),
  SHORT ("number/lonely-exponent", "4e"),
  SHORT ("number/lonely-exponent-sign", "4e-"),
  SYNTAX ("number/lonely-leading-zero", "04"),
  MORE ("number/lonely-garbage", "4@"),
  SYNTAX ("object/bad-value", "[\"q\", truth]"),
  SYNTAX ("object/bracket-key", "{[: \"q\"}\n"),
  SYNTAX ("object/comma-for-colon", "{\"q\", null}"),
  SYNTAX ("object/double-colon", "{\"q\"::\"r\"}"),
  SYNTAX ("object/emoji", "{\xf0\x9f\x8c\x8d}"),
  SYNTAX ("object/garbage-at-end", "{\"a\":\"b\" 456}"),
  SYNTAX ("object/single-quoted-key", "{k: 'v'}"),
  UTF8 ("object/lone-continuation-in-key", "{\"\xb9\":\"0\",}"),
  SYNTAX ("object/missing-colon", "{\"q\" r}"),
  SYNTAX ("object/missing-key", "{:\"r\"}"),
  SYNTAX ("object/missing-colon-string", "{\"q\" \"r\"}"),
  SHORT ("object/missing-value", "{\"q\":"),
  SYNTAX ("object/no-value", "{\"q\":}"),
  SHORT ("object/no-colon", "{\"q\""),
  SYNTAX ("object/number-key", "{4:4}"),
  SYNTAX ("object/huge-number-key", "{9999E9999:4}"),
  SYNTAX ("object/null-keys", "{null:null,null:null}"),
  SYNTAX ("object/array-key", "{[]:1}"),
  SYNTAX ("object/several-trailing-commas", "{\"q\":0,,,,,}"),
  SYNTAX ("object/single-quotes", "{'q':0}"),
  SYNTAX ("object/trailing-comma", "{\"q\":0,}"),
  SYNTAX ("object/leading-comma", "{,\"q\":0}"),
  SYNTAX ("object/only-comma", "{,}"),
  MORE ("object/trailing-comment", "{\"q\":\"r\"}/**/"),
  MORE ("object/trailing-comment-open", "{\"q\":\"r\"}/**//"),
  MORE ("object/trailing-line-comment", "{\"q\":\"r\"}//"),
  MORE ("object/trailing-slash", "{\"q\":\"r\"}/"),
  SYNTAX ("object/two-commas", "{\"q\":\"r\",,\"s\":\"t\"}"),
  SYNTAX ("object/unquoted-key", "{q: \"r\"}"),
  SHORT ("object/unterminated-value", "{\"q\":\"r"),
  SYNTAX ("object/one-string", "{ \"one\" : \"two\", \"q\" }"),
  MORE ("object/hash-behind", "{\"q\":\"r\"}#"),
  SYNTAX ("object/bracket-closes", "{\"q\":1]"),
  SYNTAX ("object/word-key", "{true:1}"),
  SHORT ("structure/one-space", " "),
  SHORT ("string/half-pair-then-escape", "[\"\\uD800\\\"]"),
  SYNTAX ("string/half-pair-then-u", "[\"\\uD800\\u\"]"),
  SYNTAX ("string/half-pair-then-u1", "[\"\\uD800\\u1\"]"),
  SYNTAX ("string/half-pair-then-u1x", "[\"\\uD800\\u1x\"]"),
  SYNTAX ("string/accent-no-quotes", "[\xc3\xb8]"),
  SYNTAX ("string/backslash-nul", "[\"\\\0\"]"),
  SYNTAX ("string/escape-x", "[\"\\x04\"]"),
  SHORT ("string/three-backslashes", "[\"\\\\\\\"]"),
  SYNTAX ("string/escaped-raw-tab", "[\"\\\t\"]"),
  SYNTAX ("string/escaped-raw-newline", "[\"\\\n\"]"),
  SYNTAX ("string/escaped-emoji", "[\"\\\xf0\x9f\x8c\x8d\"]"),
  SHORT ("string/escape-and-end", "[\"\\\"]"),
  SYNTAX ("string/three-hex-digits", "[\"\\u00B\"]"),
  SYNTAX ("string/half-surrogate-escape", "[\"\\uD83C\\uDf\"]"),
  SYNTAX ("string/surrogate-then-bad-escape", "[\"\\uD800\\uD800\\q\"]"),
  SYNTAX ("string/high-byte-in-escape", "[\"\\u\xe5\"]"),
  SYNTAX ("string/unknown-escape", "[\"\\q\"]"),
  SYNTAX ("string/unknown-digit-escape", "[\"\\1\"]"),
  SYNTAX ("string/non-hex", "[\"\\uqrst\"]"),
  SYNTAX ("string/non-hex-last", "[\"\\u123g\"]"),
  SYNTAX ("string/hex-with-sign", "[\"\\u+123\"]"),
  SYNTAX ("string/high-byte-behind-backslash", "[\"\\\xe5\"]"),
  SYNTAX ("string/escaped-space-before", "[\\u0020\"pqr\"]"),
  SYNTAX ("string/no-quotes-bad-escape", "[\\n]"),
  SHORT ("string/single-quote-mark", "\""),
  SYNTAX ("string/single-quoted", "['single']"),
  SYNTAX ("string/no-quotes", "pqr"),
  SHORT ("string/escape-unclosed", "[\"\\"),
  SHORT ("string/unicode-escape-unclosed", "[\"\\u12"),
  SYNTAX ("string/raw-nul", "[\"q\0q\"]"),
  SYNTAX ("string/raw-newline", "[\"new\nline\"]"),
  SYNTAX ("string/raw-carriage-return", "[\"new\rline\"]"),
  SYNTAX ("string/raw-tab", "[\"\t\"]"),
  SYNTAX ("string/raw-escape-character", "[\"\x1b\"]"),
  SYNTAX ("string/raw-unit-separator", "[\"\x1f\"]"),
  SYNTAX ("string/raw-control-behind-block", "[\"0123456789abcdef0123456789abcdef\x01\"]"),
  SYNTAX ("string/capital-u", "[\"\\UA66D\"]"),
  MORE ("string/garbage-behind", "\"\"q"),
  MORE ("string/two-strings", "\"a\"\"b\""),
  SYNTAX ("string/back-quotes", "`a`"),
  UTF8 ("string/lead-then-quote", "[\"\xe5\"]"),
  SYNTAX ("structure/word-joiner-inside", "[\xe2\x81\xa0]"),
  SYNTAX ("structure/byte-order-mark-only", "\xef\xbb\xbf"),
  SYNTAX ("structure/angle-point", "<.>"),
  SYNTAX ("structure/angle-null", "[<null>]"),
  MORE ("structure/array-garbage-behind", "[4]q"),
  MORE ("structure/array-extra-close", "[4]]"),
  SHORT ("structure/array-unclosed-string", "[\"pqr]"),
  SYNTAX ("structure/identifier", "p\xc3\xb8"),
  SYNTAX ("structure/close-unopened", "]"),
  SYNTAX ("structure/close-brace-unopened", "}"),
  SHORT ("structure/comma-for-brace", "{\"q\":true,"),
  MORE ("structure/double-object", "{}{}"),
  SYNTAX ("structure/half-byte-order-mark", "\xef\xbb{}"),
  SYNTAX ("structure/lone-high-byte", "\xe5"),
  SHORT ("structure/lone-bracket", "["),
  SHORT ("structure/lone-brace", "{"),
  SHORT ("structure/nothing", ""),
  SYNTAX ("structure/nul-outside", "[\0]"),
  MORE ("structure/nul-behind", "[]\0"),
  SYNTAX ("structure/only-nul", "\0"),
  MORE ("structure/number-garbage", "4@"),
  MORE ("structure/object-extra-brace", "{}}"),
  SYNTAX ("structure/object-unclosed-empty-value", "{\"\":,"),
  SYNTAX ("structure/comment-inside", "{\"q\":/*c*/\"r\"}"),
  SYNTAX ("structure/comment-before", "/*c*/{}"),
  SYNTAX ("structure/line-comment-before", "//c\n{}"),
  MORE ("structure/object-string-behind", "{\"q\": true} \"r\""),
  SYNTAX ("structure/array-apostrophe", "['"),
  SYNTAX ("structure/array-comma", "[,"),
  SHORT ("structure/array-open-object", "[{"),
  SHORT ("structure/array-open-string", "[\"q"),
  SHORT ("structure/array-string", "[\"q\""),
  SYNTAX ("structure/object-close-bracket", "{]"),
  SYNTAX ("structure/object-comma", "{,"),
  SYNTAX ("structure/object-open-array", "{["),
  SHORT ("structure/object-open-string", "{\"q"),
  SYNTAX ("structure/object-apostrophe", "{'q'"),
  SYNTAX ("structure/open-open", "[\"\\{[\"\\{[\"\\{[\"\\{"),
  SYNTAX ("structure/lone-accent", "\xc3\xb8"),
  SYNTAX ("structure/star", "*"),
  MORE ("structure/hash-behind", "{\"q\":\"r\"}#{}"),
  SYNTAX ("structure/escaped-newline-before", "[\\u000A\"\"]"),
  SHORT ("structure/unclosed-array", "[4"),
  SYNTAX ("structure/half-null-comma", "[ false, nul,"),
  SHORT ("structure/half-null", "[ false, nul"),
  SHORT ("structure/half-false", "[ true, fals"),
  SHORT ("structure/half-true", "[ false, tru"),
  SHORT ("structure/unclosed-object", "{\"pqr\":\"pqr\""),
  SYNTAX ("structure/unicode-identifier", "\xc3\xb8q"),
  SYNTAX ("structure/word-joiner-before", "\xe2\x81\xa0[]"),
  MORE ("structure/word-joiner-behind", "[]\xe2\x81\xa0"),
  SYNTAX ("structure/nbsp-before", "\xc2\xa0[]"),
  SYNTAX ("structure/form-feed", "[\x0c]"),
  SYNTAX ("structure/vertical-tab", "\x0b[]"),
  SYNTAX ("structure/assignment", "var x = {}"),
};

/* Left to implementations; ours: numbers of any size and escaped halves of surrogate pairs pass the grammar (the
 * payload is checked for both), bytes that are no UTF-8 and a byte order mark do not. */
#define OPEN_OK(name, text) CASE (OK, "i/" name, text)
#define OPEN_UTF8(name, text) CASE (BAD_UTF8, "i/" name, text)
#define OPEN_SYNTAX(name, text) CASE (BAD_SYNTAX, "i/" name, text)

static const Case open_cases[] = {
  OPEN_OK ("number/huge-negative-exponent", "[457.89e-10000]"),
  OPEN_OK ("number/huge-exponent", "[0.4e00669999999999999999999999999999999999999999999999999969999999006]"),
  OPEN_OK ("number/negative-int-huge-exponent", "[-4e+9999]"),
  OPEN_OK ("number/positive-huge-exponent", "[4.5e+9999]"),
  OPEN_OK ("number/negative-overflow", "[-457e999]"),
  OPEN_OK ("number/positive-overflow", "[457e999]"),
  OPEN_OK ("number/underflow", "[457e-10000]"),
  OPEN_OK ("number/too-negative", "[-457457457457457457457457457457]"),
  OPEN_OK ("number/too-large", "[100000000000000000000]"),
  OPEN_OK ("number/far-too-negative", "[-237462374673276894279832749832423479823246327846]"),
  OPEN_OK ("object/lone-second-half-in-key", "{\"\\uDFAA\":0}"),
  OPEN_OK ("string/first-half-only", "[\"\\uDADA\"]"),
  OPEN_OK ("string/first-half-then-letter", "[\"\\uD888\\u4321\"]"),
  OPEN_OK ("string/first-half-then-escape", "[\"\\uD800\\n\"]"),
  OPEN_OK ("string/first-half-then-text", "[\"\\uDd1eqr\"]"),
  OPEN_OK ("string/two-first-halves", "[\"\\uD800\\uD800\\n\"]"),
  OPEN_OK ("string/lone-half", "[\"\\ud800\"]"),
  OPEN_OK ("string/lone-half-text", "[\"\\ud800pqr\"]"),
  OPEN_OK ("string/halves-swapped", "[\"\\uDd1e\\uD834\"]"),
  OPEN_OK ("string/lone-second-half", "[\"\\uDFAA\"]"),
  OPEN_SYNTAX ("string/utf16-le-mark", "\xff\xfe[\0\"\0\xe9\0\"\0]\0"),
  OPEN_UTF8 ("string/bad-sequence", "[\"\xe6\x97\xa5\xd1\x88\xfa\"]"),
  OPEN_UTF8 ("string/raw-surrogate", "[\"\xed\xa0\x80\"]"),
  OPEN_UTF8 ("string/raw-surrogate-pair", "[\"\xed\xa0\xbc\xed\xbc\x8d\"]"),
  OPEN_UTF8 ("string/invalid-byte", "[\"\xff\"]"),
  OPEN_UTF8 ("string/latin-1", "[\"\xe9\"]"),
  OPEN_UTF8 ("string/lone-continuation", "[\"\x81\"]"),
  OPEN_UTF8 ("string/above-10ffff", "[\"\xf4\xbf\xbf\xbf\"]"),
  OPEN_UTF8 ("string/overlong-two", "[\"\xc0\xaf\"]"),
  OPEN_UTF8 ("string/overlong-three", "[\"\xe0\x9f\xbf\"]"),
  OPEN_UTF8 ("string/overlong-four", "[\"\xf0\x8f\xbf\xbf\"]"),
  OPEN_UTF8 ("string/five-bytes", "[\"\xf8\x88\x80\x80\x80\"]"),
  OPEN_UTF8 ("string/overlong-six", "[\"\xfc\x83\xbf\xbf\xbf\xbf\"]"),
  OPEN_UTF8 ("string/overlong-nul", "[\"\xfc\x80\x80\x80\x80\x80\"]"),
  OPEN_UTF8 ("string/truncated-two", "[\"\xc3\"]"),
  OPEN_UTF8 ("string/truncated-three", "[\"\xe0\xff\"]"),
  OPEN_UTF8 ("string/truncated-three-end", "[\"\xe2\x82\"]"),
  OPEN_UTF8 ("string/truncated-four", "[\"\xf0\x9f\x8c\"]"),
  OPEN_UTF8 ("string/bad-third-of-four", "[\"\xf0\x9f\x41\x8d\"]"),
  OPEN_UTF8 ("string/bad-fourth-of-four", "[\"\xf0\x9f\x8c\x41\"]"),
  OPEN_SYNTAX ("string/utf16-be", "\0[\0\"\0\xe9\0\"\0]"),
  OPEN_SYNTAX ("string/utf16-le", "[\0\"\0\xe9\0\"\0]\0"),
  OPEN_SYNTAX ("structure/byte-order-mark-object", "\xef\xbb\xbf{}"),
};

/* Checks in a copy of exactly its size, so that a sanitizer sees each byte read outside. */
static RtJsonFaultKind
check (const char *text, gsize len)
{
  RtJsonFault fault;
  g_autofree char *copy = g_memdup2 (text, len);
  gboolean ok = rt_json_check (copy, len, &fault);

  g_assert_cmpint (ok, ==, fault.kind == RT_JSON_OK);
  g_assert_cmpint (ok, ==, rt_json_check (copy, len, NULL));
  if (!ok)
    {
      g_assert_nonnull (fault.text);
      g_assert_cmpuint (fault.offset, <=, len);
    }
  return fault.kind;
}

static void
test_case (gconstpointer data)
{
  const Case *one = data;

  g_assert_cmpint (check (one->text, one->len), ==, one->verdict);
}

/* The start of a string, array or object is none. */
static void
test_prefixes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (valid_cases); i++)
    {
      const Case *one = &valid_cases[i];
      g_autofree char *text = g_strstrip (g_strndup (one->text, one->len));

      if (strchr ("{[\"", text[0]) == NULL)
        continue;
      for (gsize len = 0; len < strlen (text); len++)
        {
          RtJsonFaultKind kind = check (text, len);
          g_assert_true (kind == RT_JSON_TRUNCATED || kind == RT_JSON_BAD_UTF8);
        }
    }
}

static gboolean
decodes_as_data (const Case *one)
{
  g_autoptr (GString) frame = g_string_new ("{\"push\":{\"channel\":\"c\",\"pub\":{\"data\":");
  RtDecoder decoder = { NULL };
  RtReply reply;

  gsize start = frame->len;
  g_string_append_len (frame, one->text, one->len);
  g_string_append (frame, "}}}");
  /* A line feed ends the frame. */
  for (gsize i = start; i < frame->len; i++)
    if (frame->str[i] == '\n')
      frame->str[i] = ' ';
  rt_decoder_begin (&decoder, frame->str, frame->len);
  gboolean ok = rt_codec_json ()->next_reply (&decoder, &reply) == RT_DECODE_ITEM;
  rt_decoder_clear (&decoder);
  return ok;
}

/* The grammar of a frame includes what is inside its data. */
static void
test_inside_frame (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (valid_cases); i++)
    g_assert_true (decodes_as_data (&valid_cases[i]));
  for (guint i = 0; i < G_N_ELEMENTS (open_cases); i++)
    g_assert_cmpint (decodes_as_data (&open_cases[i]), ==, open_cases[i].verdict == RT_JSON_OK);
  for (guint i = 0; i < G_N_ELEMENTS (invalid_cases); i++)
    {
      const Case *one = &invalid_cases[i];
      /* A raw line feed in a string would turn into a blank here. */
      if (memchr (one->text, '\n', one->len) == NULL)
        g_assert_false (decodes_as_data (one));
    }
}

static RtJsonFaultKind
check_nested (guint depth, const char *open, const char *inner, char close)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < depth; i++)
    g_string_append (text, open);
  g_string_append (text, inner);
  for (guint i = 0; i < depth && close != '\0'; i++)
    g_string_append_c (text, close);
  return check (text->str, text->len);
}

static void
test_depth (void)
{
  g_assert_cmpint (check_nested (RT_JSON_MAX_DEPTH, "[", "", ']'), ==, RT_JSON_OK);
  g_assert_cmpint (check_nested (RT_JSON_MAX_DEPTH + 1, "[", "", ']'), ==, RT_JSON_TOO_DEEP);
  g_assert_cmpint (check_nested (RT_JSON_MAX_DEPTH, "{\"a\":", "1", '}'), ==, RT_JSON_OK);
  g_assert_cmpint (check_nested (RT_JSON_MAX_DEPTH + 1, "{\"a\":", "1", '}'), ==, RT_JSON_TOO_DEEP);
  g_assert_cmpint (check_nested (RT_JSON_MAX_DEPTH / 2, "[{\"a\":", "1", '}'), ==, RT_JSON_BAD_SYNTAX);
  g_assert_cmpint (check_nested (100000, "[", "", '\0'), ==, RT_JSON_TOO_DEEP);
  g_assert_cmpint (check_nested (100000, "[{\"\":", "", '\0'), ==, RT_JSON_TOO_DEEP);
  g_assert_cmpint (check_nested (500, "[", "1", ']'), ==, RT_JSON_TOO_DEEP);
}

/* Every escape, every control character, and every byte in place of a value. */
static void
test_bytes (void)
{
  for (guint byte = 0; byte < 256; byte++)
    {
      char escape[] = { '"', '\\', byte, '"' };
      char inside[] = { '"', byte, '"' };
      char value[] = { '[', byte, ']' };

      g_assert_cmpint (check (escape, sizeof escape) == RT_JSON_OK, ==,
                       byte != 0 && strchr ("\"\\/bfnrt", byte) != NULL);
      g_assert_cmpint (check (inside, sizeof inside) == RT_JSON_OK, ==,
                       byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\');
      g_assert_cmpint (check (value, sizeof value) == RT_JSON_OK, ==,
                       g_ascii_isdigit (byte) || (byte != 0 && strchr (" \t\r\n", byte) != NULL));
    }
}

/* Our verdict on each sequence of two to four bytes that starts like UTF-8 is that of another implementation. */
static void
test_utf8 (void)
{
  static const guint8 edges[] = { 0x00, 0x22, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff };

  for (guint lead = 0x80; lead < 256; lead++)
    for (guint i = 0; i < G_N_ELEMENTS (edges) * G_N_ELEMENTS (edges) * G_N_ELEMENTS (edges); i++)
      {
        char text[8] = { '"', lead, edges[i % 12], edges[i / 12 % 12], edges[i / 144], '"' };
        gboolean valid = g_utf8_validate (text + 1, 4, NULL);
        gboolean plain = memchr (text + 1, '"', 4) == NULL && memchr (text + 1, '\0', 4) == NULL;

        if (plain)
          g_assert_cmpint (check (text, 6) == RT_JSON_OK, ==, valid);
      }
}

static void
add_cases (const Case *cases, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *path = g_strconcat ("/Rt/Json/grammar/", cases[i].name, NULL);
      g_test_add_data_func (path, &cases[i], test_case);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_cases (valid_cases, G_N_ELEMENTS (valid_cases));
  add_cases (invalid_cases, G_N_ELEMENTS (invalid_cases));
  add_cases (open_cases, G_N_ELEMENTS (open_cases));
  g_test_add_func ("/Rt/Json/grammar/prefixes", test_prefixes);
  g_test_add_func ("/Rt/Json/grammar/inside-frame", test_inside_frame);
  g_test_add_func ("/Rt/Json/grammar/depth", test_depth);
  g_test_add_func ("/Rt/Json/grammar/bytes", test_bytes);
  g_test_add_func ("/Rt/Json/grammar/utf8", test_utf8);
  return g_test_run ();
}
