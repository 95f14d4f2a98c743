/* SPDX-License-Identifier: Apache-2.0 */
#include "store/parquet.h"

#include "base/buf.h"
#include "store/duck_lib.h"
#include "store/sql.h"

#include <errno.h>
#include <stdio.h>

/* Types in the form that json_transform takes; what a record lacks is NULL. */
static const struct {
    const char *name, *type;
} columns[] = {
    {"time", "\"VARCHAR\""},
    {"latency_us", "\"BIGINT\""},
    {"outcome", "\"VARCHAR\""},
    {"protocol", "\"VARCHAR\""},
    {"transport", "\"VARCHAR\""},
    {"client", "\"VARCHAR\""},
    {"client_port", "\"USMALLINT\""},
    {"server", "\"VARCHAR\""},
    {"server_port", "\"USMALLINT\""},
    {"id", "\"USMALLINT\""},
    {"opcode", "\"VARCHAR\""},
    {"flags", "[\"VARCHAR\"]"},
    {"rcode", "\"VARCHAR\""},
    {"qname", "\"VARCHAR\""},
    {"qname_wire", "\"VARCHAR\""},
    {"qtype", "\"VARCHAR\""},
    {"qclass", "\"VARCHAR\""},
    {"answers", "[{\"name\": \"VARCHAR\", \"type\": \"VARCHAR\", \"ttl\": \"UINTEGER\", \"data\": "
                "\"VARCHAR\"}]"},
    {"authority_count", "\"USMALLINT\""},
    {"additional_count", "\"USMALLINT\""},
    {"answer_count", "\"USMALLINT\""},
    {"min_ttl", "\"UINTEGER\""},
    {"edns",
     "{\"version\": \"UTINYINT\", \"udp_size\": \"USMALLINT\", \"do\": \"BOOLEAN\", \"ecs\": "
     "\"VARCHAR\", "
     "\"nsid\": \"VARCHAR\", \"cookie\": \"VARCHAR\", \"keepalive\": \"UINTEGER\", \"padding\": "
     "\"UINTEGER\", "
     "\"ede\": [{\"code\": \"USMALLINT\", \"text\": \"VARCHAR\", \"extra\": \"VARCHAR\"}]}"},
    {"query_bytes", "\"UINTEGER\""},
    {"response_bytes", "\"UINTEGER\""},
    {"retransmits", "\"USMALLINT\""},
    {"interface", "\"VARCHAR\""},
    {"netns", "\"UINTEGER\""},
    {"hops", "[{\"interface\": \"VARCHAR\", \"netns\": \"UINTEGER\", \"latency_us\": \"BIGINT\"}]"},
    {"pid", "\"UINTEGER\""},
    {"tid", "\"UINTEGER\""},
    {"comm", "\"VARCHAR\""},
    {"exe", "\"VARCHAR\""},
    {"uid", "\"UINTEGER\""},
    {"server_pid", "\"UINTEGER\""},
    {"server_comm", "\"VARCHAR\""},
    {"cgroup", "\"VARCHAR\""},
    {"container_id", "\"VARCHAR\""},
    {"unit", "\"VARCHAR\""},
    {"pod", "\"VARCHAR\""},
    {"namespace", "\"VARCHAR\""},
    {"workload", "\"VARCHAR\""},
    {"node", "\"VARCHAR\""},
    {"drop_reason", "\"VARCHAR\""},
    {"drop_location", "\"VARCHAR\""},
    {"malformed", "\"VARCHAR\""},
    {"marks", "[\"VARCHAR\"]"},
    {"icmp", "\"VARCHAR\""},
};

/* The lines are read as CSV of one column, whose delimiter no JSON holds: the reader of JSON keeps
 * all that it has read from a pipe in memory, the one of CSV does not. */
static void put_statement(struct buf *b, int fd, const char *path)
{
    buf_puts(b, "COPY (SELECT ");
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        buf_puts(b, i ? ", " : "");
        if (i == 0)
            buf_puts(b, "CAST(rtrim(r.\"time\", 'Z') AS TIMESTAMP_NS) AS \"time\"");
        else
            buf_printf(b, "r.\"%s\"", columns[i].name);
    }
    buf_puts(b, " FROM (SELECT json_transform(line, '{");
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
        buf_printf(b, "%s\"%s\": %s", i ? ", " : "", columns[i].name, columns[i].type);
    buf_printf(b,
               "}') AS r FROM read_csv('/dev/fd/%d', auto_detect=false, header=false, "
               "delim=chr(1), quote='', escape='', max_line_size=4194304, "
               "columns={'line': 'VARCHAR'}))) TO ",
               fd);
    sql_put_literal(b, path);
    buf_puts(b, " (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 100000)");
}

static int run(duckdb_database db, const char *statement, char *err, size_t err_size)
{
    duckdb_connection connection;
    duckdb_result result;
    if (duck_lib.connect(db, &connection) == DuckDBError) {
        snprintf(err, err_size, "DuckDB cannot be used");
        return -EIO;
    }
    int r = duck_lib.query(connection, statement, &result) == DuckDBError ? -EIO : 0;
    const char *why = r ? duck_lib.result_error(&result) : NULL;
    if (r)
        snprintf(err, err_size, "%s", why ? why : "DuckDB failed");
    duck_lib.destroy_result(&result);
    duck_lib.disconnect(&connection);
    return r;
}

static int open_in_memory(duckdb_database *db, char *err, size_t err_size)
{
    static const char *const settings[][2] = {
        {"threads", "1"}, /* so the rows keep their order */
        {"memory_limit", "512MB"},
        {"preserve_insertion_order", "false"}, /* without holding them back for it */
        {"autoinstall_known_extensions", "false"},
        {"autoload_known_extensions", "false"},
    };
    duckdb_config config;
    char *why = NULL;
    if (duck_lib.create_config(&config) == DuckDBError)
        return -ENOMEM;
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
        duck_lib.set_config(config, settings[i][0], settings[i][1]);
    int r = duck_lib.open_ext(NULL, db, config, &why) == DuckDBError ? -EIO : 0;
    if (r)
        snprintf(err, err_size, "%s", why ? why : "DuckDB cannot be used");
    duck_lib.free(why);
    duck_lib.destroy_config(&config);
    return r;
}

int parquet_write(int fd, const char *path, char *err, size_t err_size)
{
    duckdb_database db;
    struct buf statement = {0};
    int r = duck_lib_load(err, err_size);
    if (r)
        return r;
    r = open_in_memory(&db, err, err_size);
    if (r)
        return r;
    put_statement(&statement, fd, path);
    r = statement.failed ? -ENOMEM : run(db, buf_cstr(&statement), err, err_size);
    buf_done(&statement);
    duck_lib.close(&db);
    return r;
}
