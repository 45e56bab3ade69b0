#ifndef CJSONSCHEMA_H
#define CJSONSCHEMA_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A compiled schema. It never changes after cjs_compile, so any number of threads may validate with it at once.
typedef struct cjs_schema cjs_schema;

/// What a call found: places and messages. Owned by the caller, released with cjs_report_free.
typedef struct cjs_report cjs_report;

typedef enum {
    CJS_OK = 0,           ///< Done, and nothing to report.
    CJS_VIOLATIONS = 1,   ///< The instance breaks the schema; the report says where.
    CJS_MALFORMED = 2,    ///< The text is not JSON, or an object has a key twice.
    CJS_WRONG_SCHEMA = 3, ///< A keyword has a value it may not have, or a reference leads nowhere.
    CJS_UNSUPPORTED = 4,  ///< Another draft, another document, or a pattern outside the linear-time engine.
    CJS_LIMIT = 5,        ///< Too large, too deep, or too much work.
    CJS_NO_MEMORY = 6     ///< Memory ran out; there is no report.
} cjs_status;

/// Bytes that live as long as the report they came from. They are UTF-8 and not terminated.
typedef struct {
    const char *bytes;
    size_t length;
} cjs_text;

/// Compiles a schema. On CJS_OK `*schema` is set, otherwise `*report` (except for CJS_NO_MEMORY).
cjs_status cjs_compile(const uint8_t *text, size_t length, cjs_schema **schema, cjs_report **report);

/// Releases a schema. NULL is allowed.
void cjs_schema_free(cjs_schema *schema);

/// Validates one JSON text and reports at most `max_violations` places.
cjs_status cjs_validate(
    const cjs_schema *schema, const uint8_t *text, size_t length, size_t max_violations, cjs_report **report);

/// How many entries a report has.
size_t cjs_report_count(const cjs_report *report);

/// The JSON pointer of entry `index`, which must be below the count.
cjs_text cjs_report_path(const cjs_report *report, size_t index);

/// The message of entry `index`, which must be below the count.
cjs_text cjs_report_message(const cjs_report *report, size_t index);

/// Releases a report. NULL is allowed.
void cjs_report_free(cjs_report *report);

#ifdef __cplusplus
}
#endif

#endif
