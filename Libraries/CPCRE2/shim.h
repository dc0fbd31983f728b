#pragma once
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

// The functions of PCRE2 are macros that paste the width to the name, which Swift does not see.
static inline pcre2_code_8 *barito_pcre2_compile(
    const uint8_t *pattern, size_t length, uint32_t options, int *error, size_t *offset) {
  return pcre2_compile_8(pattern, length, options, error, offset, NULL);
}
static const uint32_t BARITO_PCRE2_UTF = PCRE2_UTF;
static const uint32_t BARITO_PCRE2_MATCH_INVALID_UTF = PCRE2_MATCH_INVALID_UTF;
static const uint32_t BARITO_PCRE2_NEVER_BACKSLASH_C = PCRE2_NEVER_BACKSLASH_C;
static const uint32_t BARITO_PCRE2_USE_OFFSET_LIMIT = PCRE2_USE_OFFSET_LIMIT;
static const uint32_t BARITO_PCRE2_NO_UTF_CHECK = PCRE2_NO_UTF_CHECK;
static const uint32_t BARITO_PCRE2_NOTEMPTY = PCRE2_NOTEMPTY;
static const uint32_t BARITO_PCRE2_CASELESS = PCRE2_CASELESS;
static const uint32_t BARITO_PCRE2_JIT_COMPLETE = PCRE2_JIT_COMPLETE;
static const int BARITO_PCRE2_NOMATCH = PCRE2_ERROR_NOMATCH;
