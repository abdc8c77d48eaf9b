// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

// Which programs get MPTCP sockets, decided by the path of their cgroup. Plain C that is compiled twice: into
// the BPF program (program_hook.bpf.c), and natively into the unit tests. It reads no kernel memory and has
// no loop of its own: the verifier follows a loop only through bpf_loop(), and only if what changes in it is
// in a map. That is why the state of a decision is one struct, and why every index is masked.

enum {
    hook_name_size = 256, // NAME_MAX and the byte at the end
    hook_tokens = 256,    // a glob has at most 255 bytes, hence tokens
    hook_patterns = 1024, // a power of two
    hook_sets = 256,
    hook_depth = 32, // of a path
};

// The protocol of the probe by which the loader checks that the program reads net.mptcp.enabled: like the
// probes of applications/hook_request.hpp, but it succeeds only where that is 1.
enum { hook_enabled_probe = 0x3d4b6566 };

// A token of a glob: one byte that must be equal, or one of these. A set is token_set plus its number.
enum {
    hook_token_any = 0x100,
    hook_token_star = 0x200,
    hook_token_set = 0x300,
};

// Which components of a path a pattern is compared with. The slices of a path are its first components, as
// long as they end in ".slice", and the unit is the component after them: what a user's service manager calls
// a unit belongs to user@UID.service.
enum hook_where {
    hook_where_slices,
    hook_where_slices_and_unit,
    hook_where_anywhere,
};

// What a match decides. A greater one takes precedence.
enum hook_effect {
    hook_effect_none,
    hook_effect_chosen, // in a requested slice
    hook_effect_run,    // started by `mptcp-keeper run`
    hook_effect_never,
};

struct hook_pattern {
    unsigned short where;
    unsigned short effect;
    unsigned short length;
    unsigned short tokens[hook_tokens];
};

struct hook_rules {
    unsigned int all;
    unsigned int count; // of patterns
    unsigned int set_count;
    struct hook_pattern patterns[hook_patterns];
    unsigned char sets[hook_sets][32];
};

/// The state of one decision. All zero at the start of a path.
struct hook_state {
    // the match of one pattern and the current component
    unsigned int pattern;
    unsigned int token;
    unsigned int byte;
    unsigned int token_after_star; // 0 before the first star
    unsigned int byte_of_star;
    unsigned int is_match;
    // the path
    unsigned int is_behind_slices;
    unsigned int is_behind_unit;
    unsigned int is_slice; // the current component
    unsigned int effect;
    unsigned int length;       // of the name
    char name[hook_name_size]; // the current component
};

/// What the steps of a loop share: on the stack, since bpf_loop() passes on nothing else.
struct hook_decision {
    const struct hook_rules* rules;
    struct hook_state* state;
};

#ifdef __bpf__
#define hook_loop(count, step, decision) bpf_loop(count, step, decision, 0)
#else
typedef long (*hook_step)(unsigned int, void*);
static inline void hook_loop(unsigned int count, hook_step step, void* decision) {
    for (unsigned int i = 0; i < count && step(i, decision) == 0; ++i) {
    }
}
#endif

static inline int hook_accepts(const struct hook_rules* rules, unsigned int token, unsigned int byte) {
    if (token >= hook_token_set) {
        return (rules->sets[token & (hook_sets - 1)][(byte >> 3) & 31] >> (byte & 7)) & 1;
    }
    return token == hook_token_any || token == byte;
}

/// One step of a match; not 0 ends it. Only the last star is tried again, which is enough: what an earlier
/// one could take, the last one can take, too.
static long hook_match_step(unsigned int step, void* context) {
    const struct hook_rules* rules = ((struct hook_decision*)context)->rules;
    struct hook_state* state = ((struct hook_decision*)context)->state;
    const struct hook_pattern* pattern = &rules->patterns[state->pattern & (hook_patterns - 1)];
    const unsigned int byte = (unsigned char)state->name[state->byte & (hook_name_size - 1)];
    (void)step;
    if (state->token < pattern->length) {
        const unsigned int token = pattern->tokens[state->token & (hook_tokens - 1)];
        if (token == hook_token_star) {
            state->token_after_star = ++state->token;
            state->byte_of_star = state->byte;
            return 0;
        }
        if (byte != 0 && hook_accepts(rules, token, byte)) {
            ++state->token;
            ++state->byte;
            return 0;
        }
    } else if (byte == 0) {
        state->is_match = 1;
        return 1;
    }
    if (state->token_after_star == 0 || state->name[state->byte_of_star & (hook_name_size - 1)] == 0) {
        return 1;
    }
    state->token = state->token_after_star;
    state->byte = ++state->byte_of_star;
    return 0;
}

static inline int hook_concerns(const struct hook_state* state, unsigned int where) {
    if (where == hook_where_anywhere) {
        return 1;
    }
    return state->is_slice || (where == hook_where_slices_and_unit && !state->is_behind_unit);
}

/// Compares the current component with one pattern.
static long hook_pattern_step(unsigned int number, void* context) {
    struct hook_decision* decision = (struct hook_decision*)context;
    struct hook_state* state = decision->state;
    const struct hook_pattern* pattern = &decision->rules->patterns[number & (hook_patterns - 1)];
    if (pattern->effect <= state->effect || !hook_concerns(state, pattern->where)) {
        return 0;
    }
    state->pattern = number;
    state->token = 0;
    state->byte = 0;
    state->token_after_star = 0;
    state->byte_of_star = 0;
    state->is_match = 0;
    // for each byte of the name that the last star takes: each token, once
    hook_loop(hook_name_size * hook_tokens, hook_match_step, decision);
    if (state->is_match) {
        state->effect = pattern->effect;
    }
    return 0;
}

static inline int hook_is_slice_name(const struct hook_state* state) {
    const char* name = state->name;
    const unsigned int length = state->length;
    return length > 6 && length < hook_name_size && name[(length - 6) & (hook_name_size - 1)] == '.' &&
           name[(length - 5) & (hook_name_size - 1)] == 's' &&
           name[(length - 4) & (hook_name_size - 1)] == 'l' &&
           name[(length - 3) & (hook_name_size - 1)] == 'i' &&
           name[(length - 2) & (hook_name_size - 1)] == 'c' &&
           name[(length - 1) & (hook_name_size - 1)] == 'e';
}

/// Adds the next component, whose name and length are in the state. From the root down.
static inline void hook_add_component(struct hook_decision* decision) {
    struct hook_state* state = decision->state;
    state->is_slice = !state->is_behind_slices && hook_is_slice_name(state);
    state->is_behind_unit = state->is_behind_slices;
    state->is_behind_slices = !state->is_slice;
    hook_loop(decision->rules->count, hook_pattern_step, decision);
}

/// Whether the programs of the path that was added become MPTCP. Programs in the root, which has no
/// component, do not: they belong to no unit, or to one whose name is only in a hierarchy of cgroup v1.
static inline int hook_verdict(const struct hook_decision* decision) {
    const struct hook_state* state = decision->state;
    if (state->effect == hook_effect_none) {
        return decision->rules->all != 0 && state->length != 0;
    }
    return state->effect != hook_effect_never;
}
