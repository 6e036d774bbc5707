// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/run/summary.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "sensor/stats/stats.h"

#define TOP_ALERTS      15
#define TOP_OVER_BUDGET 10

static const char *const severity_names[] = { "-", "critical", "high", "medium", "low" };
static const char *const severity_colours[] = { "", "\033[1;31m", "\033[31m", "\033[33m", "\033[36m" };

struct printer {
	const struct summary *summary;
	uint64_t *values;
	FILE *out;
	bool colour;
};

static uint64_t value(const struct printer *printer, const char *name)
{
	struct pipeline *first = printer->summary->pipelines[0];
	for (size_t i = 0; i < pipeline_counter_count(first); i++)
		if (strcmp(pipeline_counter_name(first, i), name) == 0)
			return printer->values[i];
	return 0;
}

static const char *count_text(uint64_t count, char text[32])
{
	char plain[24];
	int len = snprintf(plain, sizeof(plain), "%" PRIu64, count), at = 0;
	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			text[at++] = ',';
		text[at++] = plain[i];
	}
	text[at] = 0;
	return text;
}

static const char *size_text(uint64_t bytes, char text[32])
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	double size = (double)bytes;
	unsigned unit = 0;
	while (size >= 1024 && unit < 4) {
		size /= 1024;
		unit++;
	}
	snprintf(text, 32, unit ? "%.1f %s" : "%.0f %s", size, units[unit]);
	return text;
}

static void print_traffic(const struct printer *printer)
{
	const struct summary *summary = printer->summary;
	char a[32], b[32], c[32];
	uint64_t packets = value(printer, "decoder.pkts"), bytes = value(printer, "decoder.bytes");
	double seconds = summary->read_s > 0 ? summary->read_s : 1e-9;
	fprintf(printer->out, "Packets    %s (%s) in %.2f s: %s a second\n", count_text(packets, a),
		size_text(bytes, b), summary->read_s, count_text((uint64_t)((double)packets / seconds), c));
	fprintf(printer->out, "           IPv4 %s", count_text(value(printer, "decoder.ipv4"), a));
	static const struct {
		const char *label, *name;
	} shares[] = { { "IPv6", "decoder.ipv6" }, { "TCP", "decoder.tcp" }, { "UDP", "decoder.udp" },
		{ "ICMP", "decoder.icmpv4" }, { "ICMPv6", "decoder.icmpv6" }, { "ARP", "decoder.arp" },
		{ "invalid", "decoder.invalid" },
		{ "wrong checksum (-k none reads them)", "decoder.l4_invalid_checksum" } };
	for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++)
		if (value(printer, shares[i].name))
			fprintf(printer->out, " · %s %s", shares[i].label,
				count_text(value(printer, shares[i].name), a));
	fprintf(printer->out, "\nFlows      %s", count_text(value(printer, "flow.total"), a));
	fprintf(printer->out, " (TCP %s", count_text(value(printer, "flow.tcp"), a));
	fprintf(printer->out, ", UDP %s", count_text(value(printer, "flow.udp"), a));
	uint64_t others = value(printer, "flow.total") - value(printer, "flow.tcp") - value(printer, "flow.udp");
	if (others)
		fprintf(printer->out, ", others %s", count_text(others, a));
	fprintf(printer->out, ") of %s hosts in HOME_NET", count_text(summary->tally->host_count, b));
	fprintf(printer->out, "%s\n", summary->tally->host_count >= TALLY_HOSTS_MAX ? " or more" : "");
	uint64_t tcp = value(printer, "flow.tcp"), sessions = value(printer, "tcp.sessions");
	if (sessions < tcp)
		fprintf(printer->out,
			"           TCP without its beginning: %s, not read (stream.midstream: yes reads them)\n",
			count_text(tcp - sessions, a));
}

struct proto_count {
	char name[24];
	uint64_t count;
};

// Protocols over both transports are counted apart ("dns_udp", "dns_tcp"): a person wants them as one.
static void add_protocol(struct proto_count *protos, size_t *count, const char *counter, uint64_t flows)
{
	char name[sizeof(protos->name)];
	snprintf(name, sizeof(name), "%s", counter);
	size_t len = strlen(name);
	if (len > 4 && (strcmp(name + len - 4, "_tcp") == 0 || strcmp(name + len - 4, "_udp") == 0))
		name[len - 4] = 0;
	for (size_t i = 0; i < *count; i++) {
		if (strcmp(protos[i].name, name) == 0) {
			protos[i].count += flows;
			return;
		}
	}
	if (*count == APP_PROTOS_END || !flows)
		return;
	memcpy(protos[*count].name, name, sizeof(name));
	protos[(*count)++].count = flows;
}

static int by_count(const void *a, const void *b)
{
	const struct proto_count *x = a, *y = b;
	return x->count < y->count ? 1 : x->count > y->count ? -1 : strcmp(x->name, y->name);
}

static void print_protocols(const struct printer *printer)
{
	struct pipeline *first = printer->summary->pipelines[0];
	struct proto_count protos[APP_PROTOS_END];
	size_t count = 0;
	static const char prefix[] = "app_layer.flow.";
	for (size_t i = 0; i < pipeline_counter_count(first); i++) {
		const char *name = pipeline_counter_name(first, i);
		if (strncmp(name, prefix, sizeof(prefix) - 1) == 0)
			add_protocol(protos, &count, name + sizeof(prefix) - 1, printer->values[i]);
	}
	qsort(protos, count, sizeof(*protos), by_count);
	char a[32];
	fprintf(printer->out, "Protocols ");
	for (size_t i = 0; i < count && i < 12; i++)
		fprintf(printer->out, "%s%s %s", i ? " · " : " ",
			strcmp(protos[i].name, "failed") == 0 ? "unknown" : protos[i].name,
			count_text(protos[i].count, a));
	fprintf(printer->out, "%s\n", count ? "" : " none recognised");
}

static void print_events(const struct printer *printer)
{
	const struct tally *tally = printer->summary->tally;
	char a[32];
	fprintf(printer->out, "Events     %s:", count_text(tally->events, a));
	for (size_t i = 0; i < tally->type_count; i++)
		fprintf(printer->out, "%s %s %s", i ? " ·" : "", tally->types[i].name,
			count_text(tally->types[i].count, a));
	fprintf(printer->out, "\n");
}

static void print_alerts(const struct printer *printer)
{
	const struct tally *tally = printer->summary->tally;
	char a[32];
	if (!tally->alert_count) {
		fprintf(printer->out, "Alerts     none\n");
		return;
	}
	fprintf(printer->out, "Alerts     ");
	for (unsigned severity = 1; severity <= 4; severity++)
		if (tally->severities[severity])
			fprintf(printer->out, "%s %s  ", severity_names[severity],
				count_text(tally->severities[severity], a));
	fprintf(printer->out, "\n");
	for (size_t i = 0; i < tally->alert_count && i < TOP_ALERTS; i++) {
		const struct tally_alert *alert = &tally->alerts[i];
		unsigned severity = alert->severity < 5 ? alert->severity : 4;
		fprintf(printer->out, "  %s%-8s%s %8s x  %s  [%u:%u:%u]\n",
			printer->colour ? severity_colours[severity] : "", severity_names[severity],
			printer->colour ? "\033[0m" : "", count_text(alert->count, a),
			alert->msg ? alert->msg : "(no msg)", alert->gid, alert->sid, alert->rev);
	}
	if (tally->alert_count > TOP_ALERTS)
		fprintf(printer->out, "  ... and %zu more rules\n", tally->alert_count - TOP_ALERTS);
}

static bool print_evidence_losses(const struct printer *printer, bool any)
{
	const struct evidence_counts *counts = printer->summary->evidence;
	const struct {
		uint64_t count;
		const char *label;
	} losses[] = {
		{ counts->over_budget, "over evidence.packets.budget" },
		{ counts->other_link, "of another link type than the evidence file" },
		{ counts->failed, "the disk did not take" },
	};
	char a[32];
	for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++) {
		if (!losses[i].count)
			continue;
		fprintf(printer->out, "%s %s (frames of evidence not kept: %s)", any ? " ·" : "",
			count_text(losses[i].count, a), losses[i].label);
		any = true;
	}
	return any;
}

static bool print_store_losses(const struct printer *printer, bool any)
{
	struct file_store_counts counts = { 0 };
	if (printer->summary->file_store)
		file_store_counts(printer->summary->file_store, &counts);
	const struct {
		uint64_t count;
		const char *label;
	} losses[] = {
		{ counts.over_budget, "files not stored: over outputs.file-store.budget" },
		{ counts.failed, "files not stored: the disk did not take them" },
		{ counts.evicted, "stored files removed, the oldest: over outputs.file-store.budget" },
	};
	char a[32];
	for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++) {
		if (!losses[i].count)
			continue;
		fprintf(printer->out, "%s %s (%s)", any ? " ·" : "", count_text(losses[i].count, a), losses[i].label);
		any = true;
	}
	return any;
}

static void print_losses(const struct printer *printer)
{
	const struct summary *summary = printer->summary;
	char a[32];
	static const struct {
		const char *name, *label;
	} losses[] = {
		{ "export.events_lost", "events lost: record ring full" },
		{ "export.events_too_large", "events lost: larger than a line may be" },
		{ "flow.memcap", "packets without a flow: flow memory full" },
		{ "tcp.ssn_memcap_drop", "TCP sessions not followed: memory full" },
		{ "tcp.segment_memcap_drop", "TCP segments not reassembled: memory full" },
		{ "decoder.offloaded_refused",
			"segments captured before offloading not taken: decoder.offloaded-segments" },
		{ "defrag.memcap_drops", "fragments not reassembled: memory full" },
		{ "app_layer.tx_over_budget", "transactions not followed: too many live" },
		{ "app_layer.memory_over_budget", "flows whose application data was given up: app-layer.flow-memory" },
		{ "tcp.segment_over_budget", "TCP segments not reassembled: more than one direction may hold" },
		{ "flow.evicted", "flows ended early: flow table full" },
		{ "flow.evicted_new", "flows without a handshake ended early: flow table full" },
		{ "memory.flows_relieved", "flows whose application data was given up: memory.worker used up" },
		{ "memory.slab_refused", "requests refused: memory.worker used up" },
		{ "detect.alert_queue_overflow", "alerts over packet-alert-max" },
		{ "detect.pcre_limit", "regular expressions stopped: pcre limits" },
		{ "detect.step_limit", "rules stopped: detect.inspection-recursion-limit" },
		{ "detect.state_over_budget", "flow bits, integers and states of rules not kept: memory" },
		{ "detect.values_over_budget", "values rules did not see: too many at once" },
		{ "evidence.frames_lost", "frames of evidence lost: record ring full" },
		{ "file_store.files_lost", "files not stored: outputs.file-store.queue full" },
		{ "file_store.open_files_max_hit", "files not stored: outputs.file-store.max-open-files" },
		{ "file_store.files_refused", "files not stored: outputs.file-store.budget spent" },
		{ "file_store.notes_lost", "notes of stored files lost: outputs.file-store.queue full" },
		{ "sightings.given_lost", "sightings lost: record ring full" },
		{ "evidence.frames_cut", "frames of evidence cut at evidence.snaplen" },
	};
	bool any = false;
	fprintf(printer->out, "Drops     ");
	if (summary->capture.kernel_drops || summary->capture.interface_drops || summary->live) {
		fprintf(printer->out, " kernel %s", count_text(summary->capture.kernel_drops, a));
		fprintf(printer->out, " · interface %s", count_text(summary->capture.interface_drops, a));
		any = true;
	}
	for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++) {
		uint64_t count = value(printer, losses[i].name);
		if (!count)
			continue;
		fprintf(printer->out, "%s %s (%s)", any ? " ·" : "", count_text(count, a), losses[i].label);
		any = true;
	}
	if (summary->lost) {
		fprintf(printer->out, "%s %s (events a sink did not take)", any ? " ·" : "",
			count_text(summary->lost, a));
		any = true;
	}
	any |= print_evidence_losses(printer, any);
	any |= print_store_losses(printer, any);
	fprintf(printer->out, "%s\n", any ? "" : " none");
	if (value(printer, "ips.blocked") || value(printer, "ips.rejected"))
		fprintf(printer->out, "Verdicts   %s packets blocked\n", count_text(value(printer, "ips.blocked"), a));
	if (summary->failed_files)
		fprintf(printer->out, "Failed     %u capture file%s could not be read to the end (see above)\n",
			summary->failed_files, summary->failed_files == 1 ? "" : "s");
}

void summary_print(const struct summary *summary)
{
	struct printer printer = { .summary = summary, .out = summary->out, .colour = isatty(fileno(summary->out)) };
	printer.values = calloc(pipeline_counter_count(summary->pipelines[0]), sizeof(*printer.values));
	if (!printer.values)
		return;
	stats_sum(summary->pipelines, summary->workers, printer.values);
	print_traffic(&printer);
	print_protocols(&printer);
	print_events(&printer);
	print_alerts(&printer);
	print_losses(&printer);
	if (summary->events)
		fprintf(summary->out, "Written    %s\n", summary->events);
	if (summary->evidence_file) {
		char a[32], b[32];
		fprintf(summary->out, "Evidence   %s: %s frames (%s)\n", summary->evidence_file,
			count_text(summary->evidence->frames, a), size_text(summary->evidence->bytes, b));
	}
	if (summary->file_store) {
		char a[32], b[32], c[32];
		struct file_store_counts counts;
		file_store_counts(summary->file_store, &counts);
		fprintf(summary->out, "Files      %s: %s new, %s known, now %s\n",
			file_store_directory(summary->file_store), count_text(counts.stored, a),
			count_text(counts.known, b), size_text(counts.bytes, c));
	}
	fflush(summary->out);
	free(printer.values);
}

void summary_print_over_budget(void *out, const struct engine *engine)
{
	struct engine_over rows[TOP_OVER_BUDGET];
	char a[32], b[32];
	uint32_t count = engine_over_budget(engine, rows, TOP_OVER_BUDGET);
	if (!count)
		return;
	fprintf(out, "Over budget  %u rule%s\n", count, count == 1 ? "" : "s");
	for (uint32_t i = 0; i < count && i < TOP_OVER_BUDGET; i++)
		fprintf(out, "  conditions stopped %s, expressions stopped %s  %s  [%u:%u:%u]\n",
			count_text(rows[i].steps, a), count_text(rows[i].pcre, b),
			rows[i].rule->msg ? rows[i].rule->msg : "(no msg)", rows[i].rule->gid, rows[i].rule->sid,
			rows[i].rule->rev);
	fflush(out);
}
