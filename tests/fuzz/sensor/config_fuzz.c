// SPDX-License-Identifier: GPL-3.0-or-later
// What reads a config file takes any bytes; what it took, the dump gives back in a form that reads to the same.
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "sensor/config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *dump_of(const struct sensor_config *config, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);
	config_dump(config, out);
	fclose(out);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sensor_config config;
	struct config_error error;
	config_init(&config);
	if (config_load_bytes(&config, "fuzz", data, size, &error)) {
		size_t len, again_len;
		char *text = dump_of(&config, &len);
		struct sensor_config other;
		config_init(&other);
		bool good = config_load_bytes(&other, "dump", text, len, &error);
		assert(good);
		char *again = dump_of(&other, &again_len);
		assert(len == again_len && memcmp(text, again, len) == 0);
		free(text);
		free(again);
		config_fini(&other);
	}
	config_fini(&config);
	return 0;
}
