// SPDX-License-Identifier: GPL-3.0-or-later
// A Kafka cluster for tests, in a process of its own: librdkafka's mock brokers. Prints host:port of its brokers and lives until its standard input
// ends.
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char reason[256], byte;
	int brokers = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 1;
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_conf_set(conf, "log_level", "3", NULL, 0);
	rd_kafka_t *client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof(reason));
	rd_kafka_mock_cluster_t *cluster = client ? rd_kafka_mock_cluster_new(client, brokers) : NULL;
	if (!cluster) {
		fprintf(stderr, "mock cluster: %s\n", client ? "cannot start" : reason);
		return 1;
	}
	puts(rd_kafka_mock_cluster_bootstraps(cluster));
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	rd_kafka_mock_cluster_destroy(cluster);
	rd_kafka_destroy(client);
	return 0;
}
