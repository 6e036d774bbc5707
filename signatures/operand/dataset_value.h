// SPDX-License-Identifier: GPL-3.0-or-later
// Dataset value: the types values of a dataset have, and their text form in files and commands.
// Threads      pure functions
#pragma once
#include "decoders/base/address.h"
#include "decoders/base/span.h"

enum dataset_type { DATASET_STRING, DATASET_MD5, DATASET_SHA256, DATASET_IPV4, DATASET_IP, DATASET_TYPES };

#define DATASET_VALUE_MAX 65535 // bytes
#define DATASET_TEXT_MAX  87384 // of one in text form, with a zero at its end

// "string", "md5", "sha256", "ipv4", "ip". False: none of these.
bool dataset_type_find(struct span name, enum dataset_type *out);
const char *dataset_type_name(enum dataset_type type);

// The form a value of a buffer is kept in: addresses of type ip in 16 bytes. address lends the room. False: no value of this type.
bool dataset_value_normal(enum dataset_type type, struct span *value, struct address *address);
// Reads the text form: hashes in hex, addresses as such, strings in base64, or as they are with plain. Gives the length; 0: not of the type.
uint32_t dataset_value_read(enum dataset_type type, struct span text, bool plain, uint8_t out[DATASET_VALUE_MAX]);
// Writes what dataset_value_read reads (not plain); value in kept form. Gives the length.
uint32_t dataset_value_write(enum dataset_type type, struct span value, char out[DATASET_TEXT_MAX]);
