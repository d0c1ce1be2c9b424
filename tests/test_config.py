import pytest

from crm.config import CampaignsSettings, ConfigurationError, VendorSettings, load

NEEDED = {
    "CRM_PROJECT": "shop",
    "CRM_CLIENT_ID": "client",
    "CRM_SESSION_SECRETS": "the new session secret, the old session secret",
    "CRM_WEBHOOK_KEY": "a key for tests that is long enough",
    "CRM_ID_KEY": "a key for tests that is long enough, too",
    "CRM_ERASURE_LEDGER": "gs://shop-crm-erasures",
    "CRM_ORIGINS": "https://crm.example.com",
}


def test_variables_become_typed_fields() -> None:
    settings = load(CampaignsSettings, {**NEEDED, "CRM_SECURE_COOKIES": "false"})

    assert settings.session_secrets == ("the new session secret", "the old session secret")
    assert settings.secure_cookies is False


def test_everything_that_is_missing_is_named() -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(CampaignsSettings, {"CRM_PROJECT": "shop"})

    assert "CRM_CLIENT_ID is not set; CRM_SESSION_SECRETS is not set" in str(caught.value)


def test_an_ill_formed_value_is_named() -> None:
    values = {
        "CRM_PROJECT": "shop",
        "CRM_VENDOR_KEY": "a vendor key for tests",
        "CRM_WEBHOOK_URL": "u",
        "CRM_WEBHOOK_SECRET": "whsec_c2VjcmV0LXRoYXQtaXMtbG9uZy1lbm91Z2g=",
        "CRM_FAILURE_RATE": "often",
    }

    with pytest.raises(ConfigurationError, match="CRM_FAILURE_RATE"):
        load(VendorSettings, values)
