// SPDX-License-Identifier: GPL-3.0-or-later
// Gives a fuzz target a main() that runs it over the files named on the command line, for builds without libFuzzer.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		FILE *file = fopen(argv[i], "rb");
		if (!file) {
			perror(argv[i]);
			return 1;
		}
		fseek(file, 0, SEEK_END);
		long size = ftell(file);
		rewind(file);
		uint8_t *data = malloc(size > 0 ? (size_t)size : 1);
		if (!data || size < 0 || fread(data, 1, (size_t)size, file) != (size_t)size) {
			fprintf(stderr, "%s: cannot read\n", argv[i]);
			return 1;
		}
		fclose(file);
		LLVMFuzzerTestOneInput(data, (size_t)size);
		free(data);
	}
	return 0;
}
