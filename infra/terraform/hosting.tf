locals {
  site_id = var.site_id == "" ? "${var.project}-${var.name}" : var.site_id
  origins = concat(
    var.edge ? [] : ["https://${local.site_id}.web.app", "https://${local.site_id}.firebaseapp.com"],
    [for domain in var.domains : "https://${domain}"],
  )

  public_url = length(var.domains) > 0 ? "https://${var.domains[0]}" : local.origins[0]

  # Path prefix → function, the first that fits wins. Whatever else begins with /api is answered there, too: 404.
  routes = [
    { prefix = "/api/v1/ingest", function = "ingest" },
    { prefix = "/api/v1/receipts", function = "receipts" },
    { prefix = "/api/v1/unsubscribe", function = "receipts" },
    { prefix = "/api/v1/ai", function = "summarize" },
    { prefix = "/api", function = "campaigns" },
  ]
  rewrites = concat(
    [
      for route in local.routes : {
        regex = "^${route.prefix}(/.*)?$"
        run   = { serviceId = "${var.name}-${route.function}", region = var.region }
      }
    ],
    # A path without a dot is a page of the app, which routes it itself.
    [{ regex = "^(/.*)?/[^./]*$", path = "/index.html" }],
  )

  # Everything but /api, whose functions set their own headers. Google's regular expressions cannot say "not".
  pages = "^/([^a].*|a|a[^p].*|ap|ap[^i].*|api[^/].*)?$"
  security_headers = {
    Content-Security-Policy = join("; ", [
      "default-src 'none'",
      "script-src 'self' https://accounts.google.com/gsi/client",
      "style-src 'self' https://accounts.google.com/gsi/style",
      "frame-src https://accounts.google.com/gsi/",
      "connect-src 'self' https://accounts.google.com/gsi/",
      "img-src 'self' data:",
      "font-src 'self'",
      "manifest-src 'self'",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
    ])
    Cross-Origin-Opener-Policy   = "same-origin-allow-popups"
    Cross-Origin-Resource-Policy = "same-origin"
    Referrer-Policy              = "strict-origin-when-cross-origin"
    Strict-Transport-Security    = "max-age=63072000; includeSubDomains"
    X-Content-Type-Options       = "nosniff"
    X-Frame-Options              = "DENY"
  }

  # What `make deploy` publishes together with the files: Terraform's own resource for it takes no files.
  hosting_config = {
    rewrites = local.rewrites
    headers = [
      { regex = local.pages, headers = merge(local.security_headers, { Cache-Control = "no-cache" }) },
      { regex = "^/assets/.*$", headers = { Cache-Control = "public, max-age=31536000, immutable" } },
    ]
  }
}

resource "google_firebase_project" "this" {
  provider = google-beta
  count    = var.enable_firebase ? 1 : 0

  project = var.project

  depends_on = [google_project_service.this]
}

resource "google_firebase_hosting_site" "this" {
  provider = google-beta

  project = var.project
  site_id = local.site_id

  depends_on = [google_firebase_project.this, google_project_service.this]
}
