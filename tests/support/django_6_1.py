"""`python django_6_1.py COMMAND...`: django-admin of the Django 6.1 on PYTHONPATH, also where Python is 3.11.

Django 6.1 asks for 3.12 and needs of it, as far as mail goes, one function that marks functions as coroutines for
`inspect`. Mail is sent without any, so a mark that marks nothing is enough. On 3.12 and later nothing is put in.
"""

import inspect
import sys

if not hasattr(inspect, "markcoroutinefunction"):
    inspect.markcoroutinefunction = lambda function: function

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    execute_from_command_line(["django-admin", *sys.argv[1:]])
