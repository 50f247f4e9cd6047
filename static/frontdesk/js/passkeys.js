// Ties the buttons for passkeys to the sign-in library's functions, by whichever of them the page has.
const { authenticateForm, addForm, loginForm } = window.allauth.webauthn.forms;
const ids = { credential: "id_credential", data: "js_data" };
const has = (id) => document.getElementById(id) !== null;

for (const id of ["mfa_webauthn_authenticate", "mfa_webauthn_reauthenticate"]) {
  if (has(id)) authenticateForm({ ids: { ...ids, authenticate: id } });
}
if (has("mfa_webauthn_add")) addForm({ ids: { ...ids, add: "mfa_webauthn_add", passwordless: "id_passwordless" } });
if (has("passkey_login")) loginForm({ ids: { login: "passkey_login", credential: "mfa_credential" } });
