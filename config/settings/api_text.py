"""What the OpenAPI document says before its operations."""

API_DESCRIPTION = """
Everything the site does for customers and desks, for programs. Errors have one form; `code` is
stable.

## Signing in

**Pages** use the session cookie of the site.

**A business's own programs** send an API key: `Authorization: Bearer fd_live_…`. Owners make keys
on the page *API keys* of their desk, with the scopes each operation below names. A key acts in
its business alone and is refused everywhere else. `fd_test_…` keys read and book like live ones
but start and refund payments only at gateway accounts in test mode (`LIVE_ACCOUNT_REFUSED`).

**Apps** sign their user in with JSON at `/api/auth/app/v1/`, the API of django-allauth
(headless):

1. `POST /api/auth/app/v1/auth/login` with `{"email", "password"}`. Send a random `X-Client-Id`
   that the app keeps, so that it is known again, and a `User-Agent` people will recognise in
   their list of devices.
2. 401 with a flow `"id": "mfa_authenticate", "is_pending": true`: ask for the code and `POST
   /api/auth/app/v1/auth/2fa/authenticate` with `{"code"}` and the header `X-Session-Token` from
   `meta.session_token`. Other pending flows (an unverified address) work alike.
3. 200: `meta` holds `access_token`, `refresh_token` and `expires_in` (seconds). Keep the refresh
   token in the system's key store.
4. Call this API, and open the socket at `/ws/`, with `Authorization: Bearer <access_token>`; an
   open socket takes the next token as `{"type": "authenticate", "token": …}` before the old one
   runs out.
5. On 401 `INVALID_TOKEN`, or before the token runs out, `POST /api/auth/app/v1/tokens/refresh`
   with `{"refresh_token"}`. The answer's `data` holds both new tokens. **Each refresh token works
   once**: refresh one request at a time. A used one ends the device's sign-in, since somebody
   else may hold it.
6. 400 from the refresh, or 410: the sign-in has ended; start again at 1.
7. `DELETE /api/auth/app/v1/auth/session` signs out. `GET /api/v1/devices` lists where the account
   is signed in; `DELETE /api/v1/devices/{id}` signs one out, and its tokens are worth nothing
   from then on.

What opens doors (keys) asks for a sign-in of the last minutes (`REAUTHENTICATION_REQUIRED`):
`POST /api/auth/app/v1/auth/reauthenticate` with `{"password"}`, or `…/auth/2fa/reauthenticate`
with `{"code"}`, then repeat the request.
"""
