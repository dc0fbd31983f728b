import HTML

extension FirstAdministratorPage {
  func content(in context: PageContext) -> HTML {
    let isPasswordWrong = errors[Form.password] != nil && errors[Form.userName] == nil
    let name = Field(
      name: Form.userName, label: "User name", value: userName,
      hint: "An email address is a good one.", error: errors[Form.userName], isRequired: true,
      autocomplete: "username", attributes: " autocapitalize=\"none\"" + (isPasswordWrong ? "" : " autofocus"))
    let password = Field(
      name: Form.password, label: "Password",
      hint: "At least \(minimumPasswordLength) characters. Long is better than odd.",
      error: errors[Form.password], type: "password", isRequired: true, autocomplete: "new-password",
      attributes: " minlength=\"\(minimumPasswordLength)\"" + (isPasswordWrong ? " autofocus" : ""))
    let form: HTML = """
      \(errors.summary)\(name.html)\(password.html)<button class="button primary">Create administrator</button>
      """
    return """
      <p class="lead">This Barito has no administrator yet. Choose how you sign in; you can register groups and apps \
      right after. The link works once, within a day of being made.</p>\
      \(UI.form(to: MarketRoutes.setup(token: token), csrf: context.csrf, isMultiField: true, form))
      """
  }
}
