// The answer box. Every keystroke goes to this browser's storage first, and to the server at each pause; a text is let go of here
// only when the server has said that it keeps it. So reload, lost connection and a restarted server lose nothing.
const PAUSE_MS = 120;
const RESEND_MS = 4000;
const WORRY_MS = 6000; // so long a text may wait for the server before the page says so
const RANK = ["stated", "contradicted", "false"]; // a false claim is drawn over what lies below it

const storage = {
  get(key) { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } },
  set(key, value) { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* full or forbidden: the server still gets it */ } },
  remove(key) { try { localStorage.removeItem(key); } catch { /* nothing kept */ } },
  keys() { try { return Object.keys(localStorage); } catch { return []; } },
};

// Spans count code points of the graded text; the box may have been typed in since: what stands before or after the change keeps its colour.
function pieces(text, graded, marks) {
  let head = 0;
  while (head < text.length && head < graded.length && text[head] === graded[head]) head += 1;
  let tail = 0;
  while (tail < text.length - head && tail < graded.length - head && text[text.length - 1 - tail] === graded[graded.length - 1 - tail]) tail += 1;
  const shift = text.length - graded.length;
  const units = [0];
  for (const letter of graded) units.push(units[units.length - 1] + letter.length);
  const kinds = new Array(text.length).fill("");
  for (const rank of RANK) {
    for (const mark of marks) {
      if (mark.kind !== rank) continue;
      let [start, end] = [units[mark.start] ?? graded.length, units[mark.end] ?? graded.length];
      if (start >= graded.length - tail) [start, end] = [start + shift, end + shift];
      else if (end > head) continue;
      kinds.fill(rank, start, end);
    }
  }
  const out = [];
  for (let start = 0, end = 0; start < text.length; start = end) {
    while (end < text.length && kinds[end] === kinds[start]) end += 1;
    out.push({ kind: kinds[start], text: text.slice(start, end) });
  }
  return out;
}

export default {
  template: `
  <div class="answer-box" :data-graded="(graded?.text ?? '') === text">
    <div style="position: relative">
      <div class="under" aria-hidden="true"><template v-for="p in drawn"><mark v-if="p.kind" :class="p.kind">{{ p.text }}</mark><template v-else>{{ p.text }}</template></template></div>
      <textarea ref="box" :aria-label="label" :placeholder="placeholder" :readonly="readonly" :maxlength="max" data-shortcut="alt+a" spellcheck="true"
        @input="typed" @select="keepCaret" @keyup="keepCaret" @blur="left" @keydown.ctrl.enter.prevent="handIn" @keydown.meta.enter.prevent="handIn"></textarea>
    </div>
    <div v-if="conflict" class="note conflict" role="alert">
      <strong>{{ conflict.by }} changed this answer while you were writing.</strong>
      <span>Theirs:</span><pre>{{ conflict.text }}</pre>
      <div class="row"><button class="button plain slim" type="button" @click="keepMine">Keep mine</button>
      <button class="button plain slim" type="button" @click="takeTheirs">Take theirs</button>
      <button class="button plain slim" type="button" @click="keepBoth">Put theirs below mine</button></div>
    </div>
    <div class="answer-foot"><span :class="state.look" role="status">{{ state.say }}</span><span class="count">{{ count }}</span></div>
  </div>`,
  props: {
    asked: String, draft: Object, graded: Object, store: String, max: Number, label: String, placeholder: String, readonly: Boolean,
  },
  data() {
    return { text: "", version: 0, base: "", flying: null, sent: [], conflict: null, online: true, late: false, unsaved: 0, born: Date.now(), seq: 0 };
  },
  computed: {
    drawn() { return pieces(this.text, this.graded?.text ?? "", this.graded?.marks ?? []); },
    state() {
      if (!this.online) return { look: "offline", say: "No connection. What you type is kept in this browser." };
      if (this.readonly) return { look: "", say: "Read only" };
      if (this.conflict) return { look: "offline", say: "Not saved: choose a text" };
      if (this.late) return { look: "offline", say: "The server does not answer. What you type is kept in this browser." };
      if (this.text !== this.base) return { look: "", say: "Saving…" };
      return this.version ? { look: "saved", say: "Saved" } : { look: "", say: "Saved as you type" };
    },
    count() { return `${Array.from(this.text).length.toLocaleString("en")} / ${(this.max || 20000).toLocaleString("en")}`; },
  },
  watch: {
    asked(now, before) { this.flush(before); this.open(); },
    draft(draft) { this.theirs(draft); },
  },
  mounted() {
    this.open();
    this.sendLeftovers();
    this.listen = setInterval(() => {
      const now = Date.now();
      this.online = Boolean(window.socket?.connected) || now - this.born < 3000; // the first connection takes a moment
      this.unsaved = this.text === this.base ? 0 : this.unsaved || now;
      this.late = Boolean(this.unsaved) && now - this.unsaved > WORRY_MS && !this.conflict;
    }, 300);
    this.onResize = () => this.grow();
    window.addEventListener("resize", this.onResize);
    document.fonts?.ready.then(this.onResize);
  },
  beforeUnmount() {
    clearInterval(this.listen);
    clearTimeout(this.timer);
    clearTimeout(this.watchdog);
    window.removeEventListener("resize", this.onResize);
  },
  methods: {
    key(asked) { return `viva:draft:${this.store}:${asked}`; },
    open() {
      clearTimeout(this.timer);
      clearTimeout(this.watchdog);
      const draft = this.draft ?? { text: "", version: 0 };
      Object.assign(this, { base: draft.text, version: draft.version, flying: null, sent: [], conflict: null });
      const kept = this.readonly ? null : storage.get(this.key(this.asked));
      this.show(draft.text);
      if (kept && kept.text !== draft.text) {
        this.show(kept.text);
        this.sent = kept.sent ?? [];
        if (kept.version === draft.version || this.sent.includes(draft.text)) this.flush(); // the server has what we started from, or sent
        else this.conflict = { text: draft.text, version: draft.version, by: draft.by || "Somebody" };
      } else if (kept) storage.remove(this.key(this.asked));
      const caret = storage.get(`viva:caret:${this.store}`);
      if (caret && caret.asked === this.asked && !this.readonly) {
        this.$refs.box.focus({ preventScroll: true });
        this.$refs.box.setSelectionRange(caret.start, caret.end);
      }
    },
    show(text) {
      this.text = text;
      this.$refs.box.value = text;
      this.grow();
    },
    grow() {
      const box = this.$refs.box;
      if (!box) return;
      box.style.height = "auto";
      box.style.height = `${box.scrollHeight}px`;
    },
    typed() {
      this.text = this.$refs.box.value;
      this.keep();
      this.keepCaret();
      this.grow();
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.flush(), PAUSE_MS);
    },
    keep(asked = this.asked) { storage.set(this.key(asked), { text: this.text, version: this.version, sent: this.sent.slice(-3) }); },
    keepCaret() {
      const box = this.$refs.box;
      if (document.activeElement === box) storage.set(`viva:caret:${this.store}`, { asked: this.asked, start: box.selectionStart, end: box.selectionEnd });
    },
    left() { if (document.hasFocus()) storage.remove(`viva:caret:${this.store}`); },
    flush(asked = this.asked) {
      clearTimeout(this.timer);
      if (this.readonly || this.conflict || this.text === this.base) return;
      if (this.flying && asked === this.asked) return; // one at a time; the answer to it sends what came after
      this.seq += 1;
      this.sent = [...this.sent.slice(-30), this.text];
      this.keep(asked);
      this.flying = { seq: this.seq, text: this.text };
      this.$emit("save", { asked, text: this.text, version: this.version, seq: this.seq });
      clearTimeout(this.watchdog);
      this.watchdog = setTimeout(() => { this.flying = null; this.flush(); }, RESEND_MS);
    },
    saved({ asked, text, version }) { // the server keeps this text now
      const kept = storage.get(this.key(asked));
      if (kept && kept.text === text) storage.remove(this.key(asked));
      if (asked !== this.asked) return;
      clearTimeout(this.watchdog);
      this.flying = null;
      this.base = text;
      this.version = version;
      if (this.text !== text) {
        this.keep();
        this.flush();
      }
    },
    stale({ asked, text, version, by }) { // the server holds another text than the one we started from
      if (asked !== this.asked) return;
      clearTimeout(this.watchdog);
      this.flying = null;
      if (text === this.text || this.sent.includes(text)) this.saved({ asked, text, version }); // our own words, sent twice
      else this.conflict = { text, version, by };
    },
    theirs(draft) {
      if (!draft || draft.version <= this.version || this.sent.includes(draft.text)) return;
      if (this.text === this.base && !this.flying) {
        this.base = draft.text;
        this.version = draft.version;
        this.show(draft.text);
      }
    },
    keepMine() { this.resolve(this.text); },
    takeTheirs() { this.resolve(this.conflict.text); },
    keepBoth() { this.resolve(`${this.text}\n\n${this.conflict.text}`); },
    resolve(text) {
      Object.assign(this, { base: this.conflict.text, version: this.conflict.version, conflict: null, sent: [] });
      this.show(text);
      if (text === this.base) storage.remove(this.key(this.asked));
      else this.keep();
      this.flush();
      this.$refs.box.focus();
    },
    handIn() {
      if (this.readonly || this.conflict) return;
      clearTimeout(this.timer);
      this.$emit("hand", { asked: this.asked, text: this.text, version: this.version, seq: 0 });
    },
    sendLeftovers() { // texts of other questions that never reached the server
      if (this.readonly) return;
      const head = `viva:draft:${this.store}:`;
      for (const key of storage.keys().filter((k) => k.startsWith(head) && k !== this.key(this.asked))) {
        const kept = storage.get(key);
        if (kept) this.$emit("save", { asked: key.slice(head.length), text: kept.text, version: kept.version, seq: 0 });
      }
    },
  },
};
