// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/run/tally.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t mix(uint64_t x)
{
	x ^= x >> 31;
	x *= UINT64_C(0x9e3779b97f4a7c15);
	return x ^ x >> 29;
}

static void count_type(struct tally *tally, const char *name)
{
	for (size_t i = 0; i < tally->type_count; i++) {
		if (strcmp(tally->types[i].name, name) == 0) {
			tally->types[i].count++;
			return;
		}
	}
	if (tally->type_count == TALLY_TYPES_MAX)
		return;
	snprintf(tally->types[tally->type_count].name, sizeof(tally->types[0].name), "%s", name);
	tally->types[tally->type_count++].count = 1;
}

static uint64_t hash_of(uint32_t gid, uint32_t sid)
{
	return mix((uint64_t)gid << 32 | sid);
}

static bool grow_alerts(struct tally *tally)
{
	size_t capacity = tally->alert_capacity ? 2 * tally->alert_capacity : 256;
	struct tally_alert *alerts = realloc(tally->alerts, capacity * sizeof(*alerts));
	if (alerts)
		tally->alerts = alerts;
	uint32_t *index = calloc(4 * capacity, sizeof(*index));
	if (!alerts || !index) {
		free(index);
		return false;
	}
	free(tally->alert_index);
	tally->alert_index = index;
	tally->alert_index_size = 4 * capacity;
	tally->alert_capacity = capacity;
	for (size_t i = 0; i < tally->alert_count; i++) {
		size_t at = hash_of(tally->alerts[i].gid, tally->alerts[i].sid) & (tally->alert_index_size - 1);
		while (index[at])
			at = (at + 1) & (tally->alert_index_size - 1);
		index[at] = (uint32_t)i + 1;
	}
	return true;
}

static void count_alert(struct tally *tally, const struct record *record)
{
	if (record->severity < 5)
		tally->severities[record->severity]++;
	if (tally->alert_count == tally->alert_capacity && !grow_alerts(tally))
		return;
	const struct rule *rule = record->rule;
	size_t mask = tally->alert_index_size - 1, at = hash_of(rule->gid, rule->sid) & mask;
	for (; tally->alert_index[at]; at = (at + 1) & mask) {
		struct tally_alert *alert = &tally->alerts[tally->alert_index[at] - 1];
		if (alert->gid == rule->gid && alert->sid == rule->sid) {
			alert->count++;
			alert->last_ns = record->ts_ns;
			return;
		}
	}
	tally->alerts[tally->alert_count++] = (struct tally_alert) { rule->gid, rule->sid, rule->rev,
		rule->msg ? strdup(rule->msg) : NULL, 1, record->severity, record->ts_ns, record->ts_ns };
	tally->alert_index[at] = (uint32_t)tally->alert_count;
}

static bool is_zero(const struct address *address)
{
	return !(address->halves[0] | address->halves[1]);
}

static void place_host(struct address *hosts, size_t size, const struct address *host, size_t *count)
{
	size_t at = mix(host->halves[0] ^ mix(host->halves[1])) & (size - 1);
	for (; !is_zero(&hosts[at]); at = (at + 1) & (size - 1))
		if (address_equal(&hosts[at], host))
			return;
	hosts[at] = *host;
	++*count;
}

static void count_host(struct tally *tally, const struct address *host)
{
	if (is_zero(host) || tally->host_count >= TALLY_HOSTS_MAX)
		return;
	if (2 * tally->host_count >= tally->hosts_size) {
		size_t size = tally->hosts_size ? 2 * tally->hosts_size : 1024, count = 0;
		struct address *hosts = calloc(size, sizeof(*hosts));
		if (!hosts)
			return;
		for (size_t i = 0; i < tally->hosts_size; i++)
			if (!is_zero(&tally->hosts[i]))
				place_host(hosts, size, &tally->hosts[i], &count);
		free(tally->hosts);
		tally->hosts = hosts;
		tally->hosts_size = size;
	}
	place_host(tally->hosts, tally->hosts_size, host, &tally->host_count);
}

void tally_record(struct tally *tally, const struct record *record)
{
	tally->events++;
	count_type(tally, record->app_type);
	if (record->type == RECORD_ALERT && record->rule)
		count_alert(tally, record);
	if (record->type == RECORD_FLOW && record->has_host)
		count_host(tally, &record->host);
}

static int by_severity(const void *a, const void *b)
{
	const struct tally_alert *x = a, *y = b;
	if (x->severity != y->severity)
		return x->severity < y->severity ? -1 : 1;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return x->sid < y->sid ? -1 : x->sid > y->sid;
}

void tally_sort(struct tally *tally)
{
	if (tally->alert_count)
		qsort(tally->alerts, tally->alert_count, sizeof(*tally->alerts), by_severity);
}

void tally_fini(struct tally *tally)
{
	for (size_t i = 0; i < tally->alert_count; i++)
		free(tally->alerts[i].msg);
	free(tally->alerts);
	free(tally->alert_index);
	free(tally->hosts);
	*tally = (struct tally) { 0 };
}
