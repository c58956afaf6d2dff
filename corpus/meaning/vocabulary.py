"""Small word lists of the lexical stance: function words, negations, opposites, irregular forms. Plain text, split where used."""

from __future__ import annotations

__all__ = ["CUES", "FUNCTION_WORDS", "IRREGULAR", "OPPOSITES"]

FUNCTION_WORDS = """
a about again all already also although am an and another any are as at basically be because been being both but by can could did do
does done down during e.g each etc even every for from further getting got had has have having he her here his how however i i.e if in
into is it its just let lets lot made make makes may me might more most must my of off on one ones only onto or other our out over own
quite really same shall she should since so some still such than that the their them then there therefore these they thing things this
those though through thus to too until up us use used uses using very want wants was way ways we were what when where which while who
whom whose why will with would yet you your
"""

CUES = """
arent avoid avoids cannot cant denies didnt doesnt dont except fail failed fails false hardly impossible incorrect instead isnt lack
lacking lacks myth neither never no nobody none nor not nothing prevents rarely refuses stop stops unable unless untrue wasnt without
wont wrong
"""

# pairs, one after the other
OPPOSITES = """
client server before after always never with without sync async synchronous asynchronous safe unsafe true false enable disable enabled
disabled allow forbid allow deny accept reject open close start stop first last all none every no same different same separate more less
most least many few increase decrease high low higher lower faster slower fast slow large small big small longer shorter long short hot
cold warm cold light dark up down left right inside outside internal external local global local remote public private static dynamic
mutable immutable stateful stateless optional required optional mandatory mandatory voluntary built-in third-party built third permanent
temporary temporary persistent get post put patch server browser sqlite postgresql read write encode decode encrypt decrypt push pull
import export include exclude add remove create delete connect disconnect connected disconnected connected separated connected separate
attract repel positive negative open closed series parallel success failure succeed fail win lose hard soft hard easy simple complex
simple difficult strong weak light heavy old new early late near far single multiple one several shared separate shared isolated manual
automatic manually automatically once repeatedly never sometimes minimum maximum top bottom over under above below compile interpret
compiled interpreted blocking nonblocking lazy eager parent child sender receiver producer consumer signed unsigned plain encrypted
plaintext encrypted readable unreadable idempotent unsafe framework library micro full microframework full-stack relational
nonrelational present absent cause prevent allow prevent better worse best worst rise fall raise lower wet dry on off day night man
woman boy girl men women male female sit stand sitting standing asleep awake outdoors indoors outside inside alone together development
production debug production request response input output thread process url body header body memory disk session cookie incomplete
complete damaged working
"""

# form, then the word it stands for
IRREGULAR = """
ran run run run sent send kept keep stored store built build written write wrote write held hold given give gave give chosen choose
chose choose taken take took take lost lose people person children child men man women woman found find known know seen see began begin
databases database db database dbs database auth authentication config configuration configs configuration app application apps
application docs documentation dev develop prod production repo repository params parameter function function functions function func
function async asynchronous sync synchronous env environment jinja2 jinja frontend front backend back browser client browsers client
"""
