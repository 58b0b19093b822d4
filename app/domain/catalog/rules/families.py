"""Which family and which category a product belongs to, told from its vendor and title.

Price sheets carry neither. The first pattern that fits decides; what fits none is "Other" of its vendor.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A family (of the vendor) and a category (across vendors), each as key and name."""

    family_key: str
    family_name: str
    category_key: str
    category_name: str


_CATEGORIES = {
    "productivity": "Productivity",
    "communication": "Meetings and telephony",
    "mail": "Mail",
    "content": "Files and sites",
    "assistants": "Assistants and AI",
    "security": "Security",
    "identity": "Identity and access",
    "devices": "Devices and desktops",
    "business": "Business applications",
    "data": "Data and analytics",
    "automation": "Apps and automation",
    "projects": "Projects and diagrams",
    "employees": "Employee experience",
    "backup": "Backup",
    "services": "Services and support",
    "other": "Other",
}

_RULES: dict[str, list[tuple[str, str, str]]] = {
    "microsoft": [
        (r"\bcopilot studio\b", "Power Platform", "automation"),
        (r"\bcopilot\b", "Microsoft Copilot", "assistants"),
        (r"^(microsoft|office) 365 e5 (security|compliance)|f5 security", "Microsoft 365", "security"),
        (
            r"audio conferencing|^microsoft teams|\bteams (rooms|phone|premium)|skype",
            "Microsoft Teams",
            "communication",
        ),
        (r"^exchange", "Exchange", "mail"),
        (r"^(sharepoint|onedrive)", "SharePoint and OneDrive", "content"),
        (r"^office 365", "Office 365", "productivity"),
        (r"\bdefender\b", "Microsoft Defender", "security"),
        (r"\b(purview|information protection|sentinel)\b", "Microsoft Purview", "security"),
        (r"\bentra\b|active directory", "Microsoft Entra", "identity"),
        (r"enterprise mobility", "Enterprise Mobility + Security", "identity"),
        (r"\bintune\b", "Microsoft Intune", "devices"),
        (r"^windows 365", "Windows 365", "devices"),
        (r"^windows|universal print", "Windows", "devices"),
        (r"\bpower bi\b|\bfabric\b", "Power Platform", "data"),
        (r"^power (apps|automate|pages|virtual)|\bdataverse\b|ai builder", "Power Platform", "automation"),
        (r"^dynamics 365", "Dynamics 365", "business"),
        (r"\b(planner|project) ", "Planner and Project", "projects"),
        (r"\bvisio\b", "Visio", "projects"),
        (r"\bviva\b", "Microsoft Viva", "employees"),
        (r"\bazure\b", "Azure", "data"),
        (r"^microsoft 365", "Microsoft 365", "productivity"),
        (r"clipchamp", "Microsoft 365", "productivity"),
    ],
    "aws": [
        (r"workspaces", "Amazon WorkSpaces", "devices"),
        (r"workmail", "Amazon WorkMail", "mail"),
        (r"quicksight", "Amazon QuickSight", "data"),
        (r"\bq (business|developer)\b", "Amazon Q", "assistants"),
        (r"connect|chime", "Amazon Connect", "communication"),
        (r"support", "AWS Support", "services"),
    ],
    "google": [
        (r"workspace", "Google Workspace", "productivity"),
        (r"vault", "Google Workspace", "content"),
        (r"chrome", "Chrome Enterprise", "devices"),
        (r"identity", "Cloud Identity", "identity"),
    ],
    "ibm": [
        (r"maas360", "IBM MaaS360", "devices"),
        (r"verify", "IBM Security", "identity"),
        (r"cognos|planning analytics", "IBM Analytics", "data"),
        (r"watsonx", "IBM watsonx", "assistants"),
        (r"maximo", "IBM Maximo", "business"),
        (r"aspera", "IBM Aspera", "content"),
    ],
    "": [  # vendors without rules of their own, the distributor itself among them
        (r"backup", "Managed Backup", "backup"),
        (r"awareness|firewall", "Managed Security", "security"),
        (r"service|help ?desk|onboarding", "Services", "services"),
    ],
}

_COMPILED = {
    vendor: [(re.compile(pattern), name, category) for pattern, name, category in rules]
    for vendor, rules in _RULES.items()
}


def place_of(vendor_key: str, title: str) -> Place:
    """Where the product called `title` of that vendor belongs."""
    lowered = title.lower()
    for pattern, name, category in _COMPILED.get(vendor_key, _COMPILED[""]):
        if pattern.search(lowered):
            return Place(_key(name), name, category, _CATEGORIES[category])
    return Place("other", "Other", "other", _CATEGORIES["other"])


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
