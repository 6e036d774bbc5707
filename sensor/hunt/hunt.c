// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/hunt/hunt.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "decoders/base/log.h"
#include "decoders/base/plain_text.h"
#include "sensor/feeds/feed_value.h"
#include "sensor/hunt/hunt_limits.h"
#include "sensor/verb/tool_json.h"
#include "signatures/reputation/reputation_past.h"

#define TEXT_MAX   (2 * INDICATOR_VALUE_MAX + 64)
#define WRONG_TOLD 20 // values that are none; more are counted
#define LINE_SIZE  (INDICATOR_VALUE_MAX + 2)
#define SHOWN_MAX  100 // bytes of such a value

#define TEXT_OF_(number) #number
#define TEXT_OF(number)  TEXT_OF_(number)

struct hunt {
	struct hunt_reader *reader;
	struct hunt_limits limits;
	unsigned kind;
	bool json, from_file;
	const char *asked;                 // the value at hand; NULL: all that a host met
	const char *place;                 // of a file; "": the command line
	uint64_t found, all_found;         // rows, of the value at hand and of all
	uint64_t asked_count, asked_found; // values
	uint64_t wrong;                    // values that are none
	bool failed;
};

static void time_text(uint64_t s, char out[32])
{
	time_t time = (time_t)s;
	struct tm tm;
	if (!gmtime_r(&time, &tm) || !strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &tm))
		snprintf(out, 32, "%llu", (unsigned long long)s);
}

struct words {
	char value[TEXT_MAX], host[ADDRESS_TEXT_SIZE], far[ADDRESS_TEXT_SIZE], first[32], last[32], where[512];
};

static void put_in_words(const struct hunt_found *found, struct words *words)
{
	feed_value_text(&found->indicator, words->value, sizeof(words->value));
	address_format(&found->seen.host, true, words->host);
	address_format(&found->seen.far, true, words->far);
	time_text(found->seen.first_s, words->first);
	time_text(found->seen.last_s, words->last);
	named_places_text(found->seen.places, words->where, sizeof(words->where));
}

// An object a line: there may be more than a document should hold.
static void write_json(const struct hunt *hunt, const struct hunt_found *found, const struct words *words)
{
	json_t *object = json_object(), *flows = json_array();
	if (hunt->asked)
		tool_json_text(object, "asked", hunt->asked);
	tool_json_text(object, "value", words->value);
	tool_json_text(object, "kind", indicator_kind_names[found->indicator.kind]);
	tool_json_text(object, "host", words->host);
	tool_json_text(object, "far", words->far);
	tool_json_number(object, "proto", found->seen.proto);
	tool_json_text(object, "first_seen", words->first);
	tool_json_text(object, "last_seen", words->last);
	tool_json_number(object, "count", found->seen.count);
	tool_json_text(object, "where", words->where);
	for (unsigned i = 0; i < found->seen.flow_count; i++)
		json_array_append_new(flows, json_integer((json_int_t)found->seen.flows[i]));
	json_object_set_new(object, "flow_ids", flows);
	json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(object);
}

static void write_text(const struct hunt *hunt, const struct hunt_found *found, const struct words *words)
{
	char value[sizeof(words->value)];
	memcpy(value, words->value, sizeof(value));
	plain_text(value); // an end of line in a user agent of HTTP/2 would forge a row
	if (hunt->found == 1)
		plain_printf(stdout, "%s\n", hunt->asked ? hunt->asked : words->host);
	plain_printf(stdout, "  %-15s  %s  %s  %6llu x  %s  (%s; %s; flows", words->host, words->first, words->last,
		(unsigned long long)found->seen.count, value, indicator_kind_names[found->indicator.kind],
		words->where);
	for (unsigned i = 0; i < found->seen.flow_count; i++)
		printf(" %llu", (unsigned long long)found->seen.flows[i]);
	printf(")\n");
}

static void show(void *context, const struct hunt_found *found)
{
	struct hunt *hunt = context;
	struct words words;
	hunt->found++;
	put_in_words(found, &words);
	if (hunt->json)
		write_json(hunt, found, &words);
	else
		write_text(hunt, found, &words);
}

static void ask(struct hunt *hunt, const struct hunt_query *query)
{
	char error[256];
	hunt->found = 0;
	if (!hunt_reader_ask(hunt->reader, query, &hunt->limits, show, hunt, error, sizeof(error))) {
		log_error("hunt: %s", error);
		hunt->failed = true;
	}
	hunt->all_found += hunt->found;
	hunt->asked_found += hunt->found != 0;
}

// The value at hand, which is none; text may be long, and there may be many.
static void refuse(struct hunt *hunt, const char *text, const char *why)
{
	hunt->failed = true;
	if (hunt->wrong++ < WRONG_TOLD)
		log_error("hunt: %s%.*s%s%s%s", hunt->place, SHOWN_MAX, text, strlen(text) > SHOWN_MAX ? "..." : "",
			*text ? ": " : "", why);
}

static void ask_value(struct hunt *hunt, const char *text)
{
	static struct hunt_query query;
	hunt->asked = text;
	hunt->asked_count++;
	const char *wrong = hunt_query_parse(span_text(text), hunt->kind, &query);
	if (wrong) {
		refuse(hunt, text, wrong);
		return;
	}
	ask(hunt, &query);
	if (!hunt->found && !hunt->json && !hunt->from_file)
		plain_printf(stdout, "%s\n  not seen\n", text);
}

// A line's value, without what lists put around it: a mark of UTF-8, quotes, a comma, a comment behind it. NULL: there is none.
static char *value_of_line(char *line)
{
	if (strncmp(line, "\xef\xbb\xbf", 3) == 0)
		line += 3;
	line += strspn(line, " \t\"'");
	char *comment = strstr(line, " #");
	if (*line == '#')
		return NULL;
	if (comment)
		*comment = 0;
	for (size_t len = strlen(line); len && strchr(" \t\"',;", line[len - 1]); len--)
		line[len - 1] = 0;
	return *line ? line : NULL;
}

// The rest of a line that does not fit.
static void skip_line(FILE *file)
{
	for (int c; (c = getc(file)) != EOF && c != '\n';) {
	}
}

static void ask_line(struct hunt *hunt, FILE *file, char line[LINE_SIZE])
{
	size_t len = strcspn(line, "\r\n");
	bool whole = line[len] || feof(file), full = line[LINE_SIZE - 2] && line[LINE_SIZE - 2] != '\n';
	line[len] = 0;
	char *value = value_of_line(line);
	if (whole && value)
		ask_value(hunt, value);
	if (full)
		skip_line(file);
	if (whole)
		return;
	hunt->asked_count++;
	refuse(hunt, "",
		full ? "longer than " TEXT_OF(INDICATOR_VALUE_MAX) " bytes" : "a zero byte in it: this is no text");
}

static bool is_utf16(const char *line)
{
	return strncmp(line, "\xff\xfe", 2) == 0 || strncmp(line, "\xfe\xff", 2) == 0;
}

static bool ask_lines(struct hunt *hunt, const char *path, FILE *file)
{
	char line[LINE_SIZE] = "", place[PATH_MAX + 32];
	uint64_t before = hunt->asked_count;
	hunt->from_file = true;
	for (unsigned number = 1; fgets(line, sizeof(line), file); number++) {
		if (number == 1 && is_utf16(line)) {
			log_error("hunt: %s: it is in UTF-16: expected UTF-8, a value a line", path);
			return false;
		}
		snprintf(place, sizeof(place), "%s:%u: ", path, number);
		hunt->place = place;
		ask_line(hunt, file, line);
		line[LINE_SIZE - 2] = 0; // written where a line fills it
	}
	hunt->place = "";
	if (ferror(file))
		log_error("hunt: %s: %s", path, strerror(errno));
	else if (hunt->asked_count == before)
		log_error("hunt: %s holds no value", path);
	return !ferror(file) && hunt->asked_count > before;
}

// A value a line; empty lines and those that begin with '#' are none.
static bool ask_file(struct hunt *hunt, const char *path)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
	if (!file) {
		log_error("hunt: --from-file %s: %s", path, strerror(errno));
		return false;
	}
	bool good = ask_lines(hunt, path, file);
	if (file != stdin)
		fclose(file);
	return good;
}

// Where something was not found: of what time there is anything.
static void tell_span(const struct hunt *hunt)
{
	uint64_t from_s, to_s;
	char from[32], to[32];
	if (!hunt_reader_span(hunt->reader, &from_s, &to_s)) {
		printf("nothing is kept yet\n");
		return;
	}
	time_text(from_s, from);
	time_text(to_s, to);
	printf("what is kept is of %s to %s\n", from, to);
}

static int conclude(const struct hunt *hunt)
{
	if (!hunt->json && (hunt->asked_count > 1 || hunt->from_file))
		printf("%llu of %llu values were seen\n", (unsigned long long)hunt->asked_found,
			(unsigned long long)hunt->asked_count);
	if (!hunt->json && hunt->wrong && hunt->asked_count > 1)
		printf("%llu could not be asked for (see above)\n", (unsigned long long)hunt->wrong);
	if (hunt->wrong > WRONG_TOLD)
		log_error("hunt: %llu more values are none", (unsigned long long)(hunt->wrong - WRONG_TOLD));
	if (!hunt->json && (hunt->asked_count ? hunt->asked_found + hunt->wrong < hunt->asked_count : !hunt->all_found))
		tell_span(hunt);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		log_error("hunt: the answer could not be written");
		return VERB_BAD;
	}
	return hunt->all_found ? VERB_FOUND : hunt->failed ? VERB_BAD : VERB_DONE;
}

struct hunt_options {
	struct hunt_limits_text limits;
	const char *file, *kind;
	bool json;
};

static bool take_options(struct hunt *hunt, const struct hunt_options *options)
{
	hunt->kind = INDICATOR_KINDS;
	hunt->json = options->json;
	if (!hunt_limits_take("hunt", &options->limits, &hunt->limits))
		return false;
	return !options->kind || hunt_kind_take("hunt", options->kind, &hunt->kind);
}

static int hunt_all(struct hunt *hunt, const struct verb_line *line, const struct hunt_options *options)
{
	for (unsigned i = 0; i < line->count; i++)
		ask_value(hunt, line->arguments[i]);
	if (options->file && !ask_file(hunt, options->file))
		return VERB_BAD;
	if (!line->count && !options->file)
		ask(hunt, NULL);
	return conclude(hunt);
}

static int with_config(const struct verb_line *line, const struct hunt_options *options)
{
	static struct sensor_config config;
	struct hunt hunt = { .place = "" };
	char error[512];
	int result = VERB_BAD;
	if (!take_options(&hunt, options))
		return VERB_BAD;
	config_init(&config);
	if (configure(&config, &line->common)) {
		if (!(hunt.reader = hunt_reader_open(config.sightings.path, error, sizeof(error))))
			log_error("hunt: %s", error);
		else
			result = hunt_all(&hunt, line, options);
		hunt_reader_close(hunt.reader);
	}
	config_fini(&config);
	return result;
}

int hunt_run(const struct verb *verb, int argc, char **argv)
{
	struct hunt_options options = { 0 };
	const struct verb_option own[] = {
		{ "from-file", NULL, &options.file, "values of this file too, one a line (-: standard input)" },
		HUNT_LIMITS_OPTIONS(options.limits),
		{ "kind", NULL, &options.kind, "where its form does not say it: ja3, cert_sha1, user_agent, url ..." },
		{ "json", &options.json, NULL, "a JSON object a line" },
		{ 0 },
	};
	struct verb_line line;
	int result;
	if (!verb_parse(&line, verb, own, argc, argv, &result))
		return result;
	if (!line.count && !options.file && !options.limits.host) {
		log_error("%s: which value? (--help says more)", verb->tool->name);
		return VERB_BAD;
	}
	return with_config(&line, &options);
}

static const struct verb *const verbs[] = { NULL };
static const struct verb_tool hunt_tool = { "hunt", verbs, false };
static const struct verb hunt_verb = { &hunt_tool, NULL, "VALUE...",
	"which hosts met a name (or what is below it), address, network, URL (or what begins so), hash, fingerprint,\n"
	"  mail address or user agent, or all that a --host met: when first and last, how often, in which flows; exit "
	"code 1 when some did",
	NULL };

int hunt_command(int argc, char **argv)
{
	return hunt_run(&hunt_verb, argc, argv);
}
