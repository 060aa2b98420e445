/* ncursesw as Swift sees it.
   Why a shim: its globals are shared mutable state that Swift 6 rejects, its attributes and KEY_F are
   function-like macros that are not imported, and pkg-config defines what SwiftPM drops. */
#ifndef CNCURSES_SHIM_H
#define CNCURSES_SHIM_H

/* Do not rely on pkg-config's -D flags: SwiftPM drops them ("prohibited flag(s)"). */
#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS 1          /* functions, not macros (Swift sees the functions anyway) */
#if !__has_include(<curses.h>)
#error "ncurses headers not found: apt-get install libncursesw5-dev"
#endif
#include <curses.h>
#include <locale.h>
#include <string.h>

#define CNC_INLINE static inline __attribute__((always_inline, unused))

/* --- globals: Swift 6 rejects `stdscr`, `LINES`, ... as shared mutable state -------- */
CNC_INLINE WINDOW *_Nullable cnc_stdscr(void) { return stdscr; }
CNC_INLINE WINDOW *_Nullable cnc_curscr(void) { return curscr; }
CNC_INLINE WINDOW *_Nullable cnc_newscr(void) { return newscr; }
CNC_INLINE int cnc_lines(void)       { return LINES; }
CNC_INLINE int cnc_cols(void)        { return COLS; }
CNC_INLINE int cnc_colors(void)      { return COLORS; }
CNC_INLINE int cnc_color_pairs(void) { return COLOR_PAIRS; }

/* --- attributes, KEY_F: function-like macros are not imported ------------------------ */
enum : attr_t {
  CNC_NORMAL = WA_NORMAL, CNC_BOLD = WA_BOLD, CNC_DIM = WA_DIM, CNC_UNDERLINE = WA_UNDERLINE,
  CNC_REVERSE = WA_REVERSE, CNC_BLINK = WA_BLINK, CNC_ITALIC = WA_ITALIC,
  CNC_ALTCHARSET = WA_ALTCHARSET, CNC_INVIS = WA_INVIS, CNC_STANDOUT = WA_STANDOUT,
};
CNC_INLINE int cnc_key_f(int n) { return KEY_F(n); }

/* --- cells: cchar_t with an extended pair (> 32767 works through the `opts` pointer) -- */
CNC_INLINE int cnc_setcchar(cchar_t *_Nonnull out, const wchar_t *_Nonnull text, attr_t attrs, int pair) {
  return setcchar(out, text, attrs, 0, &pair);       /* NB: opts must be a non-const int* value */
}
/* fast path: one code point, no combining marks; layout is public in curses.h */
CNC_INLINE void cnc_fill(cchar_t *_Nonnull out, wchar_t ch, attr_t attrs, int pair) {
  out->attr = attrs | ((attr_t)(pair < 256 ? pair : 255) << 8);   /* what setcchar() itself stores */
  out->chars[0] = ch; out->chars[1] = 0;
  out->chars[2] = out->chars[3] = out->chars[4] = 0;
  out->ext_color = pair;
}

/* --- terminfo: declared here because <term.h> defines macros named `lines`, `columns` … --- */
extern char *tigetstr(const char *);
extern int tigetnum(const char *);
extern int tigetflag(const char *);
extern int setupterm(const char *, int, int *);
extern char *const boolnames[], *const numnames[], *const strnames[];
/* The names of capabilities in the order of compiled descriptions (term(5)); NULL past the last one. */
CNC_INLINE const char *_Nullable cnc_flag_name(int i)   { return boolnames[i]; }
CNC_INLINE const char *_Nullable cnc_number_name(int i) { return numnames[i]; }
CNC_INLINE const char *_Nullable cnc_string_name(int i) { return strnames[i]; }
/* Loads a description; false when there is none. Never prints or exits, as it does without the last argument. */
CNC_INLINE int cnc_load_terminfo(const char *_Nonnull term, int descriptor) {
  int found = 0;
  return setupterm(term, descriptor, &found) == OK;
}
/* The bytes of a capability; NULL when the terminal lacks it or the name is unknown. */
CNC_INLINE const char *_Nullable cnc_terminfo_string(const char *_Nonnull name) {
  const char *value = tigetstr(name);
  return value == (const char *)-1 ? NULL : value;
}

/* --- hidden from Swift's Glibc module (_XOPEN_SOURCE) ----------------------------------- */
#include <langinfo.h>
extern int wcwidth(wchar_t);
CNC_INLINE const char *_Nonnull cnc_codeset(void) { return nl_langinfo(CODESET); }
#endif
