// The page's whole behaviour. Text from outside is shown by textContent only, never as markup.
const $ = (id) => document.getElementById(id);
const MAX = 20000;
const STATES = { stated: "✓ Stated", contradicted: "✗ Contradicted", missing: "– Missing" };
const VERDICTS = {
  correct: "Correct",
  partially_correct_incomplete: "Partly correct or incomplete",
  contradictory: "Contradicts the reference",
  irrelevant: "Does not answer the question",
  non_domain: "No answer",
};
let bank = new Map();
let key = "";

function make(tag, text, className) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (className) element.className = className;
  return element;
}

function say(text) {
  $("status").textContent = text;
  $("status").hidden = !text;
}

async function call(path, body) {
  const headers = key ? { Authorization: `Bearer ${key}` } : {};
  if (body) headers["Content-Type"] = "application/json";
  const reply = await fetch(path, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body) });
  const value = await reply.json().catch(() => ({}));
  if (reply.ok) return value;
  if (reply.status === 401 || reply.status === 403) $("key-row").hidden = false;
  const error = new Error(value.detail || `The server answered ${reply.status}.`);
  error.again = reply.status === 503 ? Number(reply.headers.get("Retry-After")) || 2 : 0;
  throw error;
}

async function loadBank() {
  try {
    const found = [];
    for (let total = 1; found.length < total; ) {
      const page = await call(`/v1/questions?limit=200&offset=${found.length}`);
      total = page.items.length ? page.total : 0;
      found.push(...page.items);
    }
    bank = new Map(found.map((question) => [question.id, question]));
    showBank();
    say("");
  } catch (error) {
    say(error.message);
    if (error.again) setTimeout(loadBank, 1000 * error.again);
  }
}

function showBank() {
  const groups = new Map();
  for (const question of bank.values()) {
    if (!groups.has(question.topic)) {
      const group = make("optgroup");
      group.label = question.topic;
      groups.set(question.topic, group);
    }
    const option = make("option", `${question.id} (${question.level}): ${question.question}`);
    option.value = question.id;
    groups.get(question.topic).append(option);
  }
  $("question").replaceChildren(...groups.values());
  $("question").disabled = $("go").disabled = bank.size === 0;
  showQuestion();
}

function showQuestion() {
  const question = bank.get($("question").value);
  $("question-text").textContent = question ? question.question : "There is no question in this bank.";
}

function count() {
  const length = Array.from($("answer").value).length;
  $("count").textContent = `${length.toLocaleString("en")} of ${MAX.toLocaleString("en")} characters`;
}

// Offsets count code points; JavaScript strings count UTF-16 units. A false claim covers what lies below it.
function showAnswer(answer, spans) {
  const letters = Array.from(answer);
  const kinds = new Array(letters.length).fill("");
  for (const rank of ["stated", "contradicted", "false"]) {
    for (const span of spans) if (span.kind === rank) kinds.fill(rank, span.start, span.end);
  }
  const parts = [];
  for (let start = 0, end = 0; start < letters.length; start = end) {
    while (end < letters.length && kinds[end] === kinds[start]) end += 1;
    const text = letters.slice(start, end).join("");
    parts.push(kinds[start] ? make("mark", text, kinds[start]) : document.createTextNode(text));
  }
  $("marked").replaceChildren(...(parts.length ? parts : [document.createTextNode("(empty)")]));
}

function sources(list) {
  const line = make("p", "Source: ", "small");
  list.forEach((source, index) => {
    if (index) line.append(", ");
    const link = make(/^https?:\/\//.test(source.url) ? "a" : "span", source.title);
    if (link.tagName === "A") {
      link.href = source.url;
      link.rel = "noopener noreferrer";
      link.target = "_blank";
    }
    line.append(link);
  });
  return list.length ? [line] : [];
}

function pointCard(point) {
  const card = make("li");
  card.append(make("span", STATES[point.state], `state ${point.state}`));
  card.append(make("span", ` · ${Math.round(100 * point.weight)} % of the mark`, "small"));
  card.append(make("p", point.text));
  if (point.evidence) card.append(make("blockquote", `“${point.evidence.text}”`));
  return card;
}

function claimCard(claim, prefix) {
  const card = make("li");
  card.append(make("span", `✗ ${prefix}`, "state false"), make("span", ` · ${claim.code} ${claim.name}`, "small"));
  card.append(make("blockquote", `“${claim.text}”`), make("p", claim.truth), ...sources(claim.sources));
  return card;
}

function fill(part, list, cards) {
  $(list).replaceChildren(...cards);
  if (part) $(part).hidden = cards.length === 0;
}

function show(answer, grade) {
  $("score").textContent = `${grade.score} / ${grade.max_score}`;
  $("verdict").textContent = VERDICTS[grade.verdict] || grade.verdict;
  $("interval").textContent = `Likely between ${grade.interval[0]} and ${grade.interval[1]}; confidence ${Math.round(100 * grade.confidence)} %.`;
  $("review").hidden = !grade.needs_review;
  const gaming = grade.gaming.map((g) => `suspicion: ${g.kind.replaceAll("_", " ")} (${Math.round(100 * g.confidence)} %)`);
  $("reasons").replaceChildren(...[...grade.review_reasons, ...gaming].map((reason) => make("li", reason)));
  $("feedback").textContent = grade.feedback;
  const evidence = grade.key_points.filter((p) => p.evidence).map((p) => ({ ...p.evidence, kind: p.state }));
  showAnswer(answer, [...evidence, ...grade.false_claims.map((claim) => ({ ...claim, kind: "false" }))]);
  fill(null, "points", grade.key_points.map(pointCard));
  fill("claims-part", "claims", grade.false_claims.map((claim) => claimCard(claim, "False")));
  fill("issues-part", "issues", grade.reference_issues.map((issue) => claimCard(issue, `Doubtful in ${issue.where}`)));
  $("origin").textContent = `Model ${grade.model}, corpus ${grade.corpus}.`;
  $("result").hidden = false;
  $("result-title").focus();
}

$("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = $("answer").value;
  $("go").disabled = true;
  say("Grading…");
  try {
    const grade = await call("/v1/grade", { question_id: $("question").value, answer });
    say("");
    show(answer, grade);
  } catch (error) {
    say(error.message);
  } finally {
    $("go").disabled = false;
  }
});
$("key-use").addEventListener("click", () => {
  key = $("key").value.trim();
  loadBank();
});
$("key").addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  $("key-use").click();
});
$("question").addEventListener("change", showQuestion);
$("answer").addEventListener("input", count);
loadBank();
