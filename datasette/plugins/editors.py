"""The pages of editors: /desk, /review, /review/stations, /review/history, /takedowns, /alerts. What they decide goes to
reviews.db; what they may, archive.decisions.gate says."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from datasette import Forbidden, Response, hookimpl

from archive.decisions import gate
from archive.decisions.reviews import ReviewError, Reviews
from archive.facts import fact_types
from archive.site import actions
from archive.site.alerts import Alerts
from archive.site.desk import desk
from archive.site.queue import next_fact, next_pair, opened, station_of


@hookimpl
def register_routes():
    return [
        (r"^/desk$", show_desk),
        (r"^/review$", review),
        (r"^/review/stations$", review_stations),
        (r"^/review/history$", history),
        (r"^/takedowns$", takedowns),
        (r"^/alerts$", alerts),
    ]


def _decisions(datasette):
    return Path(datasette.get_database("archive").path).parents[1] / "reviews.db"


async def _page(datasette, request, template, action, fetch, act=None):
    """Show a page of editors, or carry out what its form says and lead back to it."""
    database = datasette.get_database("archive")
    try:
        name = await gate.name_of(datasette, request, action)
        if request.method == "POST":
            form = await gate.form_of(datasette, request, name)
            may_all = await datasette.allowed(action="administer", actor=request.actor)

            def decide(connection):
                with closing(Reviews(_decisions(datasette))) as reviews:
                    return act(connection, reviews, name, form, may_all)

            return Response.redirect(datasette.urls.path(await database.execute_fn(decide)), status=303)
    except gate.Refused as error:
        if not str(error):
            return Response.redirect(datasette.urls.path("/-/login"))
        raise Forbidden(str(error)) from None
    except ReviewError as error:
        shown = {"error": str(error), "back": request.path}
        return Response.html(await datasette.render_template("refused.html", shown, request=request), status=400)

    def fetch_all(connection):
        with closing(Reviews(_decisions(datasette))) as reviews:
            return fetch(connection, reviews, name)

    shown = {"page": await database.execute_fn(fetch_all), "token": gate.token(datasette, name), "name": name}
    html = await datasette.render_template(template, shown | {"types": fact_types().values()}, request=request)
    return Response.html(html, headers={"cache-control": "no-store"})


async def show_desk(datasette, request):
    now = datetime.now(UTC)

    def fetch(connection, reviews, name):
        return desk(
            connection, request.args.get("since") or reviews.visit(name, now.strftime("%Y-%m-%dT%H:%M:%SZ")), now
        )

    return await _page(datasette, request, "desk.html", "review", fetch, actions.none)


async def review(datasette, request):
    done = request.args.get("done") or ""
    candidates = Path(datasette.get_database("archive").path).with_name("candidates.db")

    def fetch(connection, reviews, name):
        last = reviews.find(int(done)) if done.isdecimal() and len(done) < 19 else None
        with opened(candidates) as waiting:
            next_ = next_fact(connection, reviews, name, waiting)
        return {"next": next_, "last": last if last and last.by == name else None}

    def act(connection, reviews, name, form, may_all):
        with opened(candidates) as waiting:
            return actions.about_fact(connection, reviews, name, form, may_all, waiting)

    return await _page(datasette, request, "review.html", "review", fetch, act)


async def review_stations(datasette, request):
    number = request.args.get("station") or ""

    def fetch(connection, reviews, name):
        if number.isdecimal() and len(number) < 19:
            return {"station": station_of(connection, int(number)), "pair": None}
        return {"station": None, "pair": next_pair(connection, reviews, name)}

    return await _page(datasette, request, "review_stations.html", "review", fetch, actions.about_stations)


async def history(datasette, request):
    by = request.args.get("by") or ""

    def fetch(connection, reviews, name):
        return {"reviews": reviews.latest(200, by), "stations": reviews.station_decision_list(), "by": by}

    return await _page(datasette, request, "review_history.html", "review", fetch, actions.taken_back)


async def alerts(datasette, request):
    def fetch(connection, reviews, name):
        with closing(Alerts(_decisions(datasette))) as opened:
            return {"follows": opened.follows(name), "asked": {key: request.args.get(key) for key in request.args}}

    def act(connection, reviews, name, form, may_all):
        with closing(Alerts(_decisions(datasette))) as opened:
            return actions.about_alerts(connection, opened, name, form, may_all)

    return await _page(datasette, request, "alerts.html", "review", fetch, act)


async def takedowns(datasette, request):
    return await _page(
        datasette,
        request,
        "takedowns.html",
        "administer",
        lambda connection, reviews, name: {"list": reviews.takedown_list()},
        actions.about_takedowns,
    )
