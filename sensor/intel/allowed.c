// SPDX-License-Identifier: GPL-3.0-or-later
// `sekisho intel allowed`: what lists name, was met, and an allow entry holds back: by which entry, of which feed, which hosts, when and how often.
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "decoders/base/log.h"
#include "decoders/base/plain_text.h"
#include "sensor/hunt/hunt_limits.h"
#include "sensor/intel/intel.h"
#include "sensor/intel/verbs.h"
#include "sensor/sightings/look_back.h"
#include "sensor/verb/tool_json.h"

#define HELD_MAX 500000 // rows; more are counted

// Who speaks: an entry of lists, or of allow lists.
struct side {
	struct store_entry entry; // spans of it borrow from the store
	char *text;               // the indicator
};

// A value that is held back.
struct held_value {
	struct held_value *next;
	struct side listed, allow;
	bool beside; // no allow entry has it: an allowed name stood beside the address
	char *text;
};

// Who met it.
struct held_row {
	const struct held_value *value;
	struct sighting_seen seen;
};

struct allowing {
	const struct store *store;
	struct reputation *reputation;
	uint32_t now_s;
	struct past_value space; // of the value at hand, with what follows
	enum reputation_standing standing;
	struct store_match listed, allowed;
	struct held_value *value; // NULL: not made yet
	struct held_value *values;
	struct held_row *rows;
	size_t count, room;
	uint64_t left_out;
	bool no_memory;
};

// Collecting -----------------------------------------------------------------------------------------------------------------------

static char *text_of(const struct indicator *indicator)
{
	char text[INTEL_TEXT_MAX];
	feed_value_text(indicator, text, sizeof(text));
	return strdup(text);
}

static char *match_text(const struct named *named, const struct store_match *match)
{
	struct indicator indicator = {
		.kind = match->entry.kind, .flags = match->entry.flags, .bits = 128, .port = match->port
	};
	const struct address *address = named->kind == INDICATOR_URL ? &named->url->address : &named->address;
	switch (match->entry.kind) {
	case INDICATOR_NETWORK:
		address = &match->address;
		indicator.bits = match->bits;
		// fall through
	case INDICATOR_ADDRESS:
	case INDICATOR_ENDPOINT: indicator.value = span_of(address->bytes, sizeof(address->bytes)); break;
	case INDICATOR_DOMAIN:
	case INDICATOR_URL: indicator.value = match->value; break;
	default: indicator.value = named->value;
	}
	return text_of(&indicator);
}

static char *value_text(const struct named *named)
{
	struct indicator indicator = { .kind = named->kind, .value = named->value, .bits = 128 };
	if (named->kind == INDICATOR_ADDRESS && named->port) {
		indicator.kind = INDICATOR_ENDPOINT;
		indicator.port = named->port;
	}
	return text_of(&indicator);
}

static bool take_value(void *context, unsigned kind, struct span value)
{
	struct allowing *allowing = context;
	allowing->value = NULL;
	if (!past_value_of(kind, value, &allowing->space))
		return false;
	allowing->standing = reputation_past_standing(
		allowing->reputation, &allowing->space.named, allowing->now_s, &allowing->listed, &allowing->allowed);
	return allowing->standing == STANDING_ALLOWED ||
	       (allowing->standing == STANDING_LISTED && kind == INDICATOR_ADDRESS);
}

static struct held_value *make_value(struct allowing *allowing)
{
	const struct named *named = &allowing->space.named;
	struct held_value *value = calloc(1, sizeof(*value));
	if (!value)
		return NULL;
	value->next = allowing->values;
	allowing->values = value;
	value->beside = allowing->standing == STANDING_LISTED;
	value->text = value_text(named);
	value->listed = (struct side) { allowing->listed.entry, match_text(named, &allowing->listed) };
	if (value->beside)
		value->allow.text =
			strdup("an allowed name beside the address, in its flow or in the answer that gave it");
	else
		value->allow = (struct side) { allowing->allowed.entry, match_text(named, &allowing->allowed) };
	return value->text && value->listed.text && value->allow.text ? value : NULL;
}

static void take_seen(void *context, const struct sighting_seen *seen)
{
	struct allowing *allowing = context;
	bool beside = allowing->standing == STANDING_LISTED;
	if (allowing->no_memory || (beside && !(seen->places >> NAMED_BESIDE_ALLOWED & 1)))
		return;
	if (allowing->count == HELD_MAX) {
		allowing->left_out++;
		return;
	}
	if (allowing->count == allowing->room) {
		size_t room = allowing->room ? 2 * allowing->room : 1024;
		struct held_row *rows = realloc(allowing->rows, room * sizeof(*rows));
		if (rows) {
			allowing->rows = rows;
			allowing->room = room;
		}
	}
	if (!allowing->value)
		allowing->value = make_value(allowing);
	allowing->no_memory = allowing->count == allowing->room || !allowing->value;
	if (!allowing->no_memory)
		allowing->rows[allowing->count++] = (struct held_row) { allowing->value, *seen };
}

static int compare_sides(const struct side *a, const struct side *b)
{
	int order = strcmp(a->text, b->text);
	return order ? order : a->entry.key < b->entry.key ? -1 : a->entry.key > b->entry.key;
}

// By allow entry, listed indicator and host; the latest value first.
static int by_entry(const void *a, const void *b)
{
	const struct held_row *x = a, *y = b;
	int order = (int)x->value->beside - (int)y->value->beside;
	if (!order)
		order = compare_sides(&x->value->allow, &y->value->allow);
	if (!order)
		order = compare_sides(&x->value->listed, &y->value->listed);
	if (!order)
		order = address_compare(&x->seen.host, &y->seen.host);
	if (!order)
		order = (x->seen.last_s < y->seen.last_s) - (x->seen.last_s > y->seen.last_s);
	return order ? order : strcmp(x->value->text, y->value->text);
}

static bool is_same_entry(const struct held_row *a, const struct held_row *b)
{
	return a->value->beside == b->value->beside && compare_sides(&a->value->allow, &b->value->allow) == 0;
}

static bool is_same_indicator(const struct held_row *a, const struct held_row *b)
{
	return is_same_entry(a, b) && compare_sides(&a->value->listed, &b->value->listed) == 0;
}

// One row a host and indicator.
static void join_rows(struct allowing *allowing)
{
	struct held_row *rows = allowing->rows;
	size_t kept = 0;
	if (allowing->count)
		qsort(rows, allowing->count, sizeof(*rows), by_entry);
	for (size_t i = 0; i < allowing->count; i++) {
		if (kept && is_same_indicator(&rows[kept - 1], &rows[i]) &&
			address_equal(&rows[kept - 1].seen.host, &rows[i].seen.host))
			sighting_seen_join(&rows[kept - 1].seen, &rows[i].seen);
		else
			rows[kept++] = rows[i];
	}
	allowing->count = kept;
}

// Showing --------------------------------------------------------------------------------------------------------------------------

static int by_host(const void *a, const void *b)
{
	return address_compare(a, b);
}

struct sums {
	uint64_t indicators, hosts, count;
};

static struct sums sums_of(const struct held_row *rows, size_t count)
{
	struct sums sums = { 0 };
	struct address *hosts = malloc(count * sizeof(*hosts));
	for (size_t i = 0; i < count; i++) {
		sums.indicators += !i || !is_same_indicator(&rows[i - 1], &rows[i]);
		sums.count += rows[i].seen.count;
		if (hosts)
			hosts[i] = rows[i].seen.host;
	}
	if (hosts)
		qsort(hosts, count, sizeof(*hosts), by_host);
	for (size_t i = 0; hosts && i < count; i++)
		sums.hosts += !i || !address_equal(&hosts[i - 1], &hosts[i]);
	free(hosts);
	return sums;
}

// "urlhaus (80), ours (80)".
static void sources_text(const struct store *store, const struct side *side, bool confidence, char *out, size_t size)
{
	struct store_source source;
	size_t len = 0;
	out[0] = 0;
	for (unsigned i = 0; store_source(store, &side->entry, i, &source) && len + 1 < size; i++) {
		int more = snprintf(out + len, size - len, "%s%.*s", i ? ", " : "", (int)source.feed.len,
			(const char *)source.feed.data);
		len += more > 0 ? (size_t)more : 0;
		if (confidence && len < size)
			len += (size_t)snprintf(out + len, size - len, " (%u)", source.confidence);
	}
}

static void show_row(const struct held_row *row)
{
	char host[ADDRESS_TEXT_SIZE], first[32], last[32], where[512], flows[128];
	const struct sighting_seen *seen = &row->seen;
	size_t len = 0;
	address_format(&seen->host, true, host);
	intel_time((uint32_t)seen->first_s, first);
	intel_time((uint32_t)seen->last_s, last);
	named_places_text(seen->places, where, sizeof(where));
	flows[0] = 0;
	for (uint32_t i = 0; i < seen->flow_count; i++)
		len += (size_t)snprintf(flows + len, sizeof(flows) - len, " %llu", (unsigned long long)seen->flows[i]);
	plain_line(stdout, "    %-15s  %s  %s  %6llu x  %s  (%s; flows%s)", host, first, last,
		(unsigned long long)seen->count, row->value->text, where, flows);
}

#define NUMBER(n) (unsigned long long)(n), (n) == 1 ? "" : "s"

static void show_text(const struct allowing *allowing)
{
	char sources[1024], by[1200];
	const struct held_row *rows = allowing->rows;
	for (size_t i = 0, end; i < allowing->count; i = end) {
		for (end = i; end < allowing->count && is_same_entry(&rows[i], &rows[end]);)
			end++;
		const struct side *allow = &rows[i].value->allow;
		struct sums sums = sums_of(&rows[i], end - i);
		sources_text(allowing->store, allow, false, sources, sizeof(sources));
		by[0] = 0;
		if (!rows[i].value->beside)
			snprintf(by, sizeof(by), "  (%s; allowed by %s)", indicator_kind_names[allow->entry.kind],
				sources);
		plain_line(stdout, "%s%s: %llu indicator%s, %llu host%s, %llu x", allow->text, by,
			NUMBER(sums.indicators), NUMBER(sums.hosts), (unsigned long long)sums.count);
		for (size_t n = i; n < end; n++) {
			const struct side *listed = &rows[n].value->listed;
			sources_text(allowing->store, listed, true, sources, sizeof(sources));
			if (n == i || !is_same_indicator(&rows[n - 1], &rows[n]))
				plain_line(stdout, "  %s  (%s; confidence %u by %s)", listed->text,
					indicator_kind_names[listed->entry.kind], listed->entry.confidence, sources);
			show_row(&rows[n]);
		}
	}
	struct sums all = sums_of(rows, allowing->count);
	printf("%llu indicator%s of lists were met and held back: by %llu host%s, in %llu flows\n",
		NUMBER(all.indicators), NUMBER(all.hosts), (unsigned long long)all.count);
}

static json_t *sources_json(const struct store *store, const struct side *side, bool confidence)
{
	struct store_source source;
	json_t *list = json_array();
	for (unsigned i = 0; store_source(store, &side->entry, i, &source); i++) {
		json_t *object = json_object();
		tool_json_span(object, "feed", source.feed);
		if (confidence)
			tool_json_number(object, "confidence", source.confidence);
		json_array_append_new(list, object);
	}
	return list;
}

static void show_json(const struct allowing *allowing, const struct held_row *row)
{
	const struct held_value *value = row->value;
	const struct sighting_seen *seen = &row->seen;
	char text[512];
	json_t *object = json_object(), *flows = json_array();
	if (value->beside) {
		tool_json_bool(object, "beside_allowed_name", true);
	} else {
		json_t *allow = json_object();
		tool_json_text(allow, "value", value->allow.text);
		tool_json_text(allow, "kind", indicator_kind_names[value->allow.entry.kind]);
		json_object_set_new(allow, "sources", sources_json(allowing->store, &value->allow, false));
		json_object_set_new(object, "allow", allow);
	}
	tool_json_text(object, "indicator", value->listed.text);
	tool_json_text(object, "kind", indicator_kind_names[value->listed.entry.kind]);
	tool_json_number(object, "confidence", value->listed.entry.confidence);
	json_object_set_new(object, "sources", sources_json(allowing->store, &value->listed, true));
	address_format(&seen->host, true, text);
	tool_json_text(object, "host", text);
	address_format(&seen->far, true, text);
	tool_json_text(object, "far", text);
	intel_time((uint32_t)seen->first_s, text);
	tool_json_text(object, "first_seen", text);
	intel_time((uint32_t)seen->last_s, text);
	tool_json_text(object, "last_seen", text);
	tool_json_number(object, "count", seen->count);
	tool_json_text(object, "value", value->text);
	named_places_text(seen->places, text, sizeof(text));
	tool_json_text(object, "where", text);
	for (uint32_t i = 0; i < seen->flow_count; i++)
		json_array_append_new(flows, json_integer((json_int_t)seen->flows[i]));
	json_object_set_new(object, "flow_ids", flows);
	json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(object);
}

static int show(const struct allowing *allowing, bool json)
{
	if (json)
		for (size_t i = 0; i < allowing->count; i++)
			show_json(allowing, &allowing->rows[i]);
	else if (allowing->count)
		show_text(allowing);
	else
		printf("nothing that lists name was met and held back by an allow list\n");
	if (allowing->left_out)
		log_warning("intel allowed: %llu more were left out: ask for less (--host, --since, --until)",
			(unsigned long long)allowing->left_out);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		log_error("intel allowed: the answer could not be written");
		return VERB_BAD;
	}
	return allowing->count ? VERB_FOUND : VERB_DONE;
}

// The verb -------------------------------------------------------------------------------------------------------------------------

static int collect(struct allowing *allowing, const char *folder, const struct hunt_limits *limits, bool json)
{
	char error[512];
	int result = VERB_BAD;
	struct hunt_reader *reader = hunt_reader_open(folder, error, sizeof(error));
	if (!reader)
		log_error("intel allowed: %s", error);
	else if (!hunt_reader_walk(reader, limits, take_value, take_seen, allowing, error, sizeof(error)))
		log_error("intel allowed: %s", error);
	else if (allowing->no_memory)
		log_error("intel allowed: out of memory");
	else {
		join_rows(allowing);
		result = show(allowing, json);
	}
	hunt_reader_close(reader);
	return result;
}

static void drop(struct allowing *allowing)
{
	for (struct held_value *value = allowing->values, *next; value; value = next) {
		next = value->next;
		free(value->listed.text);
		free(value->allow.text);
		free(value->text);
		free(value);
	}
	free(allowing->rows);
	reputation_free(allowing->reputation);
	free(allowing);
}

static int with_intel(const struct intel *intel, const struct hunt_limits *limits, bool json)
{
	char path[PATH_BYTES], error[512] = "the path is too long";
	struct allowing *allowing = calloc(1, sizeof(*allowing));
	struct store *store = intel_compiled_path(intel, path) ? store_open(path, error, sizeof(error)) : NULL;
	if (!allowing || !store) {
		log_error("intel allowed: %s (sekisho intel build compiles)", allowing ? error : "out of memory");
		if (store)
			store_close(store);
		free(allowing);
		return VERB_BAD;
	}
	allowing->store = store;
	allowing->now_s = (uint32_t)time(NULL);
	allowing->reputation = reputation_new(&intel->config.reputation, store);
	int result = allowing->reputation ? collect(allowing, intel->config.sightings.path, limits, json) : VERB_BAD;
	drop(allowing);
	return result;
}

static int run_allowed(int argc, char **argv)
{
	bool json = false;
	struct hunt_limits_text text = { 0 };
	struct hunt_limits limits;
	const struct verb_option own[] = { HUNT_LIMITS_OPTIONS(text),
		{ "json", &json, NULL, "a JSON object a line: a host and indicator each" }, { 0 } };
	struct verb_line line;
	int result;
	if (!verb_parse(&line, &intel_allowed, own, argc, argv, &result))
		return result;
	if (line.count) {
		log_error("intel allowed takes no arguments; `sekisho intel check` looks a value up");
		return VERB_BAD;
	}
	if (!hunt_limits_take("intel allowed", &text, &limits))
		return VERB_BAD;
	struct intel *intel = intel_begin(&line, false, &result);
	if (!intel)
		return result;
	result = with_intel(intel, &limits, json);
	intel_end(intel);
	return result;
}

const struct verb intel_allowed = { &intel_tool, "allowed", "[OPTION...]",
	"what lists name and allow lists hold back, of what was seen: which hosts met it, when, how often; exit code 1 "
	"when there is any",
	run_allowed };
