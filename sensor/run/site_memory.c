// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/run/site_memory.h"
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "decoders/base/log.h"
#include "sensor/files/files.h"
#include "sensor/process/wall_clock.h"
#include "sensor/run/splice.h"

#define FILE_MAX ((size_t)2 << 30)

// A copy on its way to the disk.
struct writing {
	char path[PATH_BYTES];
	void *bytes; // NULL: nothing is written
	size_t len;
	bool failed;
	struct pack_error error;
};

struct site_memory {
	struct site_domains *domains;
	struct record *copy;
	bool changed, told_fault;
	double saved_s;
	pthread_t thread;
	bool started;
	atomic_bool done; // the thread is
	struct writing writing;
	_Atomic uint64_t counts[SITE_COUNTERS_END], known; // published
};

static void move_aside(const char *path, const char *reason)
{
	char to[PATH_BYTES + 32];
	snprintf(to, sizeof(to), "%s.damaged-%llu", path, (unsigned long long)(wall_ns() / NS_PER_S));
	log_error("site: %s: %s; %s %s, and what is known of domains is learned anew", path, reason,
		rename(path, to) == 0 ? "it is moved to" : "it cannot be moved to", to);
}

static void load(struct site_memory *memory, const char *path)
{
	struct pack_error error;
	const char *reason;
	char *bytes;
	size_t len;
	if (access(path, F_OK) != 0) {
		log_info("site: no domains are known yet (%s)", path);
		return;
	}
	if (!file_read(path, FILE_MAX, &bytes, &len, &error)) {
		log_warning("site: %s; what is known of domains is learned anew", error.text);
		return;
	}
	if (site_domains_load(memory->domains, bytes, len, &reason))
		log_info("site: %" PRIu64 " domains are known (%s)", site_domains_count(memory->domains), path);
	else
		move_aside(path, reason);
	free(bytes);
}

struct site_memory *site_memory_open(const struct heuristics_config *config)
{
	struct site_memory *memory = calloc(1, sizeof(*memory));
	struct pack_error error;
	if (!memory)
		return NULL;
	memory->domains = site_domains_new(&config->site);
	memory->copy = malloc(sizeof(*memory->copy) + RECORD_LINE_MAX + SPLICE_MAX);
	if (!memory->domains || !memory->copy) {
		log_error("site: no memory (heuristics.new-domain-memory)");
		site_memory_free(memory);
		return NULL;
	}
	memory->saved_s = monotonic_s();
	const char *folder = config->new_domain_state;
	if (!folder || !folder[0])
		return memory; // kept by nobody
	if (!path_join(memory->writing.path, folder, SITE_MEMORY_FILE)) {
		log_warning("site: %s: the path is too long; what is known of domains is not kept", folder);
		memory->writing.path[0] = 0;
	} else if (!folder_make(folder, &error)) {
		log_warning("site: %s; what is known of domains is not kept", error.text);
		memory->writing.path[0] = 0;
	} else {
		load(memory, memory->writing.path);
	}
	return memory;
}

uint64_t site_memory_seed(const struct site_memory *memory)
{
	return site_domains_seed(memory->domains);
}

void site_memory_take(struct site_memory *memory, const struct record *record)
{
	struct domain_met met;
	if (record->line_len != sizeof(met))
		return;
	memcpy(&met, record->line, sizeof(met));
	site_domains_meet(memory->domains, &met);
	memory->changed = true;
}

static size_t write_known(const struct domain_known *known, char *out, size_t size)
{
	char when[SPLICE_TIME_SIZE];
	splice_time(known->first_s * NS_PER_S, when);
	const char *state = known->learning ? "\"site_learning\":true"
			    : known->is_new ? "\"new_to_site\":true"
					    : "\"new_to_site\":false";
	return (size_t)snprintf(
		out, size, ",%s,\"site_first_seen\":\"%s\",\"site_hosts\":%u", state, when, known->hosts);
}

const struct record *site_memory_join(struct site_memory *memory, const struct record *record, uint64_t met_ns)
{
	const struct domain_asked asked = { record->domain, met_ns, record->inside, record->told_if,
		record->domain_reasons, record->domain_by_dns };
	struct domain_known known;
	char extra[SPLICE_MAX];
	bool told = site_domains_ask(memory->domains, &asked, &known);
	memory->changed |= told && record->told_if;
	if (!told)
		return NULL;
	return known.first_s ? splice_into(memory->copy, record, extra, write_known(&known, extra, sizeof(extra)))
			     : record;
}

// Writing --------------------------------------------------------------------------------------------------------------------------

static void *write_file(void *argument)
{
	struct site_memory *memory = argument;
	struct writing *writing = &memory->writing;
	writing->failed = !file_replace(writing->path, writing->bytes, writing->len, 0640, &writing->error);
	atomic_store_explicit(&memory->done, true, memory_order_release);
	return NULL;
}

static void end_writing(struct site_memory *memory)
{
	struct writing *writing = &memory->writing;
	if (memory->started)
		pthread_join(memory->thread, NULL);
	memory->started = false;
	if (writing->bytes && writing->failed && !memory->told_fault)
		log_error("site: %s; what is known of domains is not kept", writing->error.text);
	if (writing->bytes) {
		memory->told_fault = writing->failed;
		memory->changed |= writing->failed;
	}
	free(writing->bytes);
	writing->bytes = NULL;
}

static bool begin_writing(struct site_memory *memory)
{
	memory->saved_s = monotonic_s();
	memory->writing.bytes = site_domains_pack(memory->domains, &memory->writing.len);
	memory->changed &= !memory->writing.bytes;
	atomic_store_explicit(&memory->done, false, memory_order_relaxed);
	return memory->writing.bytes;
}

static void publish(struct site_memory *memory)
{
	const uint64_t *counters = site_domains_counters(memory->domains);
	for (int i = 0; i < SITE_COUNTERS_END; i++)
		atomic_store_explicit(&memory->counts[i], counters[i], memory_order_relaxed);
	atomic_store_explicit(&memory->known, site_domains_count(memory->domains), memory_order_relaxed);
}

void site_memory_counters(
	const struct site_memory *memory, void (*each)(void *context, const char *name, uint64_t value), void *context)
{
	each(context, "site.domains_known", atomic_load_explicit(&memory->known, memory_order_relaxed));
	for (int i = 0; i < SITE_COUNTERS_END; i++)
		each(context, site_domains_counter_names[i],
			atomic_load_explicit(&memory->counts[i], memory_order_relaxed));
}

void site_memory_tick(struct site_memory *memory)
{
	publish(memory);
	if (memory->started && atomic_load_explicit(&memory->done, memory_order_acquire))
		end_writing(memory);
	if (memory->started || !memory->changed || !memory->writing.path[0] ||
		monotonic_s() - memory->saved_s < SITE_MEMORY_SAVE_S || !begin_writing(memory))
		return;
	memory->started = pthread_create(&memory->thread, NULL, write_file, memory) == 0;
	if (!memory->started) {
		write_file(memory);
		end_writing(memory);
	}
}

static void tell_counts(const struct site_memory *memory)
{
	const uint64_t *counts = site_domains_counters(memory->domains);
	if (counts[SITE_COUNT_OVER_LIMIT] || counts[SITE_COUNT_FORGOTTEN] || counts[SITE_COUNT_UNTOLD])
		log_warning("site: %" PRIu64
			    " domains were not kept because their host met too many (heuristics.new-domain-limit), "
			    "%" PRIu64 " forgotten for want of memory (heuristics.new-domain-memory), %" PRIu64
			    " findings not told because their host had too many",
			counts[SITE_COUNT_OVER_LIMIT], counts[SITE_COUNT_FORGOTTEN], counts[SITE_COUNT_UNTOLD]);
	log_info("site: %" PRIu64 " domains known, %" PRIu64 " of them came in this run, %" PRIu64 " findings told",
		site_domains_count(memory->domains), counts[SITE_COUNT_ADDED], counts[SITE_COUNT_TOLD]);
}

void site_memory_finish(struct site_memory *memory)
{
	end_writing(memory);
	if (memory->changed && memory->writing.path[0] && begin_writing(memory)) {
		write_file(memory);
		end_writing(memory);
	}
	tell_counts(memory);
}

void site_memory_free(struct site_memory *memory)
{
	if (!memory)
		return;
	end_writing(memory);
	site_domains_free(memory->domains);
	free(memory->copy);
	free(memory);
}
