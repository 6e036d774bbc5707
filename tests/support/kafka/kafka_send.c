// SPDX-License-Identifier: GPL-3.0-or-later
// Gives lines of standard input to the file sink and the Kafka sink, as the collector would: kafka_send BROKERS DIR [SETTING=VALUE...]
// A line is TYPE SPACE HOST SPACE JSON; HOST "-": none.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "export/sink/file_sink.h"
#include "export/sink/kafka_sink.h"

#define SETTINGS_MAX 16

static bool send_line(struct sink *sinks, struct record *record, char *line, uint64_t seq)
{
	char *type = strtok_r(line, " ", &line), *host = strtok_r(NULL, " ", &line);
	if (!type || !host || !line)
		return false;
	memset(record, 0, sizeof(*record));
	snprintf(record->app_type, sizeof(record->app_type), "%s", type);
	snprintf(record->community_id, sizeof(record->community_id), "1:community");
	record->has_host = address_parse(host, &record->host);
	record->ts_ns = UINT64_C(1600000000000000000) + seq;
	record->line_len = (uint32_t)snprintf(record->line, RECORD_LINE_MAX, "%s", line);
	struct sink_event event = { record, seq, getenv("BOOT") ? getenv("BOOT") : "test-boot" };
	bool good = true;
	for (unsigned i = 0; i < 2; i++)
		good &= sinks[i].kind->write(sinks[i].state, &event);
	return good;
}

int main(int argc, char **argv)
{
	struct option_pair settings[SETTINGS_MAX];
	struct sink_config config = { .directory = argc > 2 ? argv[2] : NULL,
		.file_enabled = true,
		.kafka_brokers = argc > 1 ? argv[1] : NULL,
		.kafka_topic = strdup("sekisho.{event_type}"),
		.kafka_flush_s = 20,
		.kafka_log_bytes = 1u << 30,
		.sensor_name = strdup("test-sensor") };
	if (argc < 3)
		return 2;
	config.kafka_settings.pairs = settings;
	for (int i = 3; i < argc && i < SETTINGS_MAX; i++) {
		char *value = strchr(argv[i], '=');
		if (!value)
			return 2;
		*value = 0;
		if (strcmp(argv[i], "flush") == 0)
			config.kafka_flush_s = strtoul(value + 1, NULL, 10);
		else if (strcmp(argv[i], "block") == 0)
			config.kafka_block = true;
		else if (strcmp(argv[i], "log") == 0)
			config.kafka_log = true;
		else
			settings[config.kafka_settings.count++] = (struct option_pair) { argv[i], value + 1 };
	}
	struct sink sinks[2] = { { &file_sink_kind, file_sink_kind.open(&config) },
		{ &kafka_sink_kind, kafka_sink_kind.open(&config) } };
	struct record *record = malloc(sizeof(*record) + RECORD_LINE_MAX);
	if (!sinks[0].state || !sinks[1].state || !record)
		return 1;
	char *line = NULL;
	size_t size = 0;
	uint64_t seq = 0, refused = 0;
	while (getline(&line, &size, stdin) > 0) {
		refused += !send_line(sinks, record, line, ++seq);
		for (unsigned i = 0; i < 2; i++)
			sinks[i].kind->poll(sinks[i].state);
	}
	bool good = true;
	for (unsigned i = 0; i < 2; i++)
		good &= sinks[i].kind->close(sinks[i].state);
	printf("sent %llu refused %llu\n", (unsigned long long)seq, (unsigned long long)refused);
	free(line);
	free(record);
	free(config.kafka_topic);
	free(config.sensor_name);
	return good ? 0 : 1;
}
