"""The Chalice app: registers the blueprints of chalicelib.handlers, nothing else."""

from chalice.app import Chalice

from chalicelib.handlers import deliveries, http, jobs, play, pulls, rest, storage, timers

app = Chalice(app_name="openvod")
app.register_blueprint(http.blueprint)
app.register_blueprint(rest.blueprint)
app.register_blueprint(play.blueprint)
app.register_blueprint(storage.blueprint)
app.register_blueprint(jobs.blueprint)
app.register_blueprint(deliveries.blueprint)
app.register_blueprint(pulls.blueprint)
app.register_blueprint(timers.blueprint)
