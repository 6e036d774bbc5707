// SPDX-License-Identifier: GPL-3.0-or-later
// Base64: decodes what rules look into (RFC 4648, and RFC 2045 as mail has it).
#pragma once
#include "decoders/base/span.h"

enum base64_mode {
	BASE64_RFC4648, // stops at the first byte outside the alphabet
	BASE64_RFC2045, // skips bytes outside the alphabet
	BASE64_STRICT,  // refuses any of them
};

// Decodes text into out (size bytes). Gives the length; 0 when there is nothing to decode or, strict, it is not well formed.
uint32_t base64_decode(struct span text, enum base64_mode mode, uint8_t *out, uint32_t size);
