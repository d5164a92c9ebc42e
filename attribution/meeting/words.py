"""The figures of the meeting's blocks that no other page has, each once: name, words on screen, definition. Blocks and the glossary read the same entries."""

from __future__ import annotations

from attribution.content.words import Word

WORDS: tuple[Word, ...] = (
    Word(
        "won_with_touches", "Won deals with touches",
        "won deals with at least one touch in their journey; the others are Unattributed under every rule",
    ),
    Word("touches_matched", "Touches matched", "touches matched to a known person, company or deal; the others are anonymous and in no journey"),
    Word(
        "expected", "Expected from open deals",
        "amount × win rate of the stage and segment × share of past wins that closed within the days left. Win rates are counted where ten deals have "
        "closed: of the stage in that segment, else of the stage, else of all. A deal expected to close after the quarter adds nothing; deals not opened "
        "yet are not in it",
    ),
    Word("gap", "Gap to the goal", "the shared goal less won and expected"),
    Word(
        "coverage", "Open deals ÷ still to win",
        "amount of all open deals, divided by the goal less what is won; how much of it closes in the quarter is in “Expected from open deals”",
    ),
    Word(
        "last_day", "Last day to open a deal",
        "the last day of the quarter less the median days from opening to winning, of deals won in the last 365 days; half of the wins took longer",
    ),
    Word("slipped", "Slipped", "open deals whose expected close date was moved from the quarter, or an earlier one, to a later quarter since the last meeting"),
    Word(
        "restated", "Past won revenue, then and now",
        "won revenue of a past quarter as the last meeting saw it and as it is now, the difference split over its causes deal by deal, to the cent",
    ),
    Word("entered", "Entered", "people who entered the stage in these 90 days, each time they did; deals by the day they were opened or won"),
    Word("deals_since", "Deals since", "amount of the deals opened since with one of these people, each deal once; of deals their own amount"),
    Word(
        "moved_on", "Moved on",
        "of those who had their time, how many went to a later stage, also where they skipped one; a deal moves on when it is won. Who entered too "
        "recently is not judged yet",
    ),
    Word("within", "Time to move on", "the time they had: in so many days four of five who move on do so (of the last year; at least 7 days, at most 180)"),
    Word(
        "median_days", "Days in the stage",
        "median days in the stage of those who moved on in these 90 days, by the day they did; in brackets the 90 days before",
    ),
    Word("came_back", "Came back", "people in a stage again after they were recycled, disqualified or gone, or who were won back"),
    Word("moved_back", "Moved back", "people whose next stage is an earlier one"),
    Word(
        "delivered", "Delivered",
        "leads handed over, by the day of the hand-over; promised: [meeting] leads_per_month, else the target of marketing for handoffs",
    ),
    Word("accepted", "Accepted", "of the leads that sales decided on (accepted, rejected or recycled)"),
    Word(
        "first_response", "First response",
        "business hours from the hand-over to the first touch of sales with that person, or to the moment supplied where that is earlier or no "
        "touch is recorded",
    ),
    Word(
        "answered_as_promised", "Answered as promised",
        "leads answered within the business hours that were promised on their day, of those that were answered or whose time is up; decided on without an "
        "answer: not counted",
    ),
    Word("leads_waiting", "Leads waiting for a decision", "leads of the last 90 days, by the day of the hand-over, on which sales has not decided"),
    Word("open_promise", "Open promises", "leads of all time that nobody answered and nobody decided on"),
    Word(
        "stuck", "Stuck",
        "longer in its stage, in whole days, than 80 % of those that later moved on from it, in the same segment where ten or more did, else of all",
    ),
    Word("value_at_risk", "Value at risk", "amount of the stuck deals; people have none"),
    Word("usual_days", "Usual days in the stage", "days within which 80 % of those that moved on did so, over all segments"),
    Word("no_activity", "No activity for 90 days", "stuck deals without any touch in that time"),
    Word("suggestion", "Push, recycle, close", "a rule of thumb: push what had a touch in the last 90 days; without one close a deal, recycle a lead"),
    Word("unanswered", "Questions without a piece", "buyers' questions of all time for which no piece is named; near-equal ones count as one"),
    Word("deals_that_wait", "Open deals that wait", "amount of the open deals with such a question, each once"),
    Word("in_production", "In production", "content that is being made; late: its day has passed"),
    Word("published", "Published", "content published since the last meeting"),
    Word("read_now", "Read by open deals", "pieces that a buyer of an open deal read in the last 14 days; touches that count for the deal"),
)  # fmt: skip
DEFINITIONS = {word.name: word.sentence for word in WORDS}
