// SPDX-License-Identifier: GPL-3.0-or-later
// Names of S7comm's codes. NULL: none.
//
// Threads      pure
#pragma once
#include <stdint.h>

const char *s7comm_function_name(uint8_t function);
const char *s7comm_group_name(uint8_t group);
const char *s7comm_subfunction_name(uint8_t group, uint8_t subfunction);
const char *s7comm_service_meaning(const uint8_t *name, uint32_t len); // of a program invocation
const char *s7comm_area_name(uint8_t area);
const char *s7comm_transport_name(uint8_t size);
const char *s7comm_return_name(uint8_t code);
const char *s7comm_error_class_name(uint8_t class);
