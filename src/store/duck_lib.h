/* SPDX-License-Identifier: Apache-2.0 */
/* DuckDB's library, loaded when a store is first opened: 70 MB that nothing else needs. Its
 * functions are called as duck_lib.NAME for duckdb_NAME. */
#pragma once

#include <duckdb.h>
#include <stddef.h>

#define DUCK_FUNCTIONS(X)                                                                          \
    X(append_blob)                                                                                 \
    X(append_data_chunk)                                                                           \
    X(append_int64)                                                                                \
    X(append_null)                                                                                 \
    X(append_uint16)                                                                               \
    X(append_uint8)                                                                                \
    X(append_varchar_length)                                                                       \
    X(appender_column_type)                                                                        \
    X(appender_create)                                                                             \
    X(appender_destroy)                                                                            \
    X(appender_end_row)                                                                            \
    X(appender_error)                                                                              \
    X(appender_flush)                                                                              \
    X(bind_blob)                                                                                   \
    X(bind_boolean)                                                                                \
    X(bind_double)                                                                                 \
    X(bind_int64)                                                                                  \
    X(bind_null)                                                                                   \
    X(bind_uint64)                                                                                 \
    X(bind_value)                                                                                  \
    X(bind_varchar_length)                                                                         \
    X(clear_bindings)                                                                              \
    X(close)                                                                                       \
    X(column_count)                                                                                \
    X(column_name)                                                                                 \
    X(connect)                                                                                     \
    X(create_config)                                                                               \
    X(create_data_chunk)                                                                           \
    X(create_int64)                                                                                \
    X(create_list_value)                                                                           \
    X(create_logical_type)                                                                         \
    X(create_null_value)                                                                           \
    X(create_scalar_function)                                                                      \
    X(create_task_state)                                                                           \
    X(create_varchar_length)                                                                       \
    X(data_chunk_get_size)                                                                         \
    X(data_chunk_get_vector)                                                                       \
    X(data_chunk_reset)                                                                            \
    X(data_chunk_set_size)                                                                         \
    X(destroy_config)                                                                              \
    X(destroy_data_chunk)                                                                          \
    X(destroy_logical_type)                                                                        \
    X(destroy_pending)                                                                             \
    X(destroy_prepare)                                                                             \
    X(destroy_result)                                                                              \
    X(destroy_scalar_function)                                                                     \
    X(destroy_task_state)                                                                          \
    X(destroy_value)                                                                               \
    X(disconnect)                                                                                  \
    X(execute_pending)                                                                             \
    X(execute_prepared)                                                                            \
    X(execute_tasks_state)                                                                         \
    X(fetch_chunk)                                                                                 \
    X(finish_execution)                                                                            \
    X(free)                                                                                        \
    X(interrupt)                                                                                   \
    X(library_version)                                                                             \
    X(list_vector_get_child)                                                                       \
    X(list_vector_get_size)                                                                        \
    X(list_vector_reserve)                                                                         \
    X(list_vector_set_size)                                                                        \
    X(nparams)                                                                                     \
    X(open_ext)                                                                                    \
    X(pending_error)                                                                               \
    X(pending_prepared)                                                                            \
    X(pending_prepared_streaming)                                                                  \
    X(prepare)                                                                                     \
    X(prepare_error)                                                                               \
    X(query)                                                                                       \
    X(query_progress)                                                                              \
    X(register_scalar_function)                                                                    \
    X(result_error)                                                                                \
    X(result_error_type)                                                                           \
    X(rows_changed)                                                                                \
    X(scalar_function_add_parameter)                                                               \
    X(scalar_function_set_error)                                                                   \
    X(scalar_function_set_function)                                                                \
    X(scalar_function_set_name)                                                                    \
    X(scalar_function_set_return_type)                                                             \
    X(set_config)                                                                                  \
    X(struct_vector_get_child)                                                                     \
    X(vector_assign_string_element_len)                                                            \
    X(vector_ensure_validity_writable)                                                             \
    X(vector_get_data)                                                                             \
    X(vector_get_validity)                                                                         \
    X(vector_size)

struct duck_lib {
#define X(name) __typeof__(duckdb_##name) *name;
    DUCK_FUNCTIONS(X)
#undef X
};

extern struct duck_lib duck_lib;

/* Loads it, once; later calls give the same result. 0, or -ELIBACC with what to do in err. Any
 * thread. */
int duck_lib_load(char *err, size_t err_size);
