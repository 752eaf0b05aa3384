"""Huawei Cloud MPC, API version 1 (MPC API manual 5 to 13): one module for each chapter.

Adding an operation:

1. Its name, method, path and statuses stand in ``catalog.py`` under the module that has it.
2. In that module write a class of its name, a ``RestOperation``. Its fields are the parameters of
   the query (GET, DELETE) or of the JSON body, under their wire names, limits in annotations:
   ``size: Annotated[int, Field(ge=1, le=100)] = 10``, ``OneOf`` for enumerations, ``QueryList`` for
   lists in a query. Objects inside of a body are ``RestModel``s. ``project_id`` and headers are no
   fields. Unknown fields, nulls, "5" for 5 and 5 for "5" are taken care of.
3. ``perform(self, caller)`` makes one call of the domain with ``caller.account_id`` and returns a
   ``RestResult``, or None for 204. The protocol adds status, X-Request-Id and headers.
4. What the domain raises becomes a code in ``errors.py``, one table for all chapters:
   ``BucketNotAuthorised: known("MPC.10236")``. Where one operation tells an error under another
   code, it catches the domain's exception and raises ``codes.failure("MPC.10209")`` itself. A wrong
   parameter that annotations cannot tell is ``raise InvalidRequest("start_time cannot be ...")``
   from a pydantic validator; it goes out as MPC.10202 with the text behind the printed message.
   The status is the operation's own for all of them.
5. Every caller needs the right ``mpc:{Operation}`` by policy; ``resource()`` says on what, where
   the usual ``mpc:{region}:{account}:*`` is too coarse.
6. A test through the official SDK: ``tests/sdk``, fixture ``mpc``.

Applications (docs/applications.md) keep media apart; there are no media here, only buckets that
the account has authorised and tasks, templates and settings of the account. So operations belong to
the account as a whole, and policies alone say who may call them.
"""
